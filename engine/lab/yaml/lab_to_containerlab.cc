#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/core/units.h"
#include "engine/lab/yaml/lab_to_yaml.h"
#include "engine/lab/yaml/lab_yaml_parts.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

class Writer : private LabYamlWriter {
 public:
  using LabYamlWriter::LabYamlWriter;

  Result<LabYaml> run() {
    if (Status fit = check_names(topology_); !fit) return std::move(fit).error();
    if (file_.clock == ClockKind::virtual_time) {
      return Error{ErrorKind::usage,
                   "this lab runs in virtual time, which containerlab does not have",
                   {},
                   "export it as labreel's own lab file: -o lab.yml"};
    }
    yaml_.text = fmt::format(
        "# {} at event {}: written by labreel export. Nodes of labreel run the host's programs;\n"
        "# name an image that has those that they need.\n",
        printable(file_.name), lab_.at.value);
    line("name: {}", yaml_quoted(file_.name));
    line("topology:\n  kinds:\n    linux:\n      image: debian:12\n  nodes:");
    for (const NodeInfo& node : topology_.nodes()) {
      if (!node.removed) write_node(node);
    }
    for (const LanInfo& lan : topology_.lans()) {
      if (lan.removed) continue;
      if (topology_.node_named(lan.added.name)) {
        return Error{ErrorKind::usage,
                     fmt::format("lan {} has the name of a node: in containerlab a lan is a node, too",
                                 printable(lan.added.name))};
      }
      line("    {}:\n      kind: bridge", yaml_quoted(lan.added.name));
      if (lan.added.hub)
        leave_out(fmt::format("lan {} is a hub; containerlab's bridge learns addresses", lan.added.name));
    }
    write_cables();
    if (!commands_.empty()) yaml_.text += "# What cables do to frames, once the lab is deployed:\n" + commands_;
    return std::move(yaml_);
  }

 private:
  void write_node(const NodeInfo& node) {
    const NodeDef* const def = node_in(file_, node.added.name);
    line("    {}:\n      kind: linux", yaml_quoted(node.added.name));
    std::vector<std::string> exec;
    for (const PortInfo& port : topology_.ports()) {
      if (port.removed || port.added.node != node.added.node) continue;
      const std::string name = port_part(topology_.name_of(port.added.port));
      // Containerlab's own network has that name otherwise.
      if (name == "eth0") line("      network-mode: none");
      exec.push_back(fmt::format("ip link set dev {} address {}", shell_quoted(name), format_mac(port.added.mac)));
      if (port.added.mtu != kPlainMtu) exec.push_back(fmt::format("ip link set dev {} mtu {}", shell_quoted(name), port.added.mtu));
      const PortDef* const known = port_in(def, name);
      if (known == nullptr) continue;
      for (const std::string& address : known->addresses)
        exec.push_back(fmt::format("ip address add {} dev {}", address, shell_quoted(name)));
    }
    if (def != nullptr) {
      std::vector<std::string> binds;
      for (const FileDef& file : def->files) binds.push_back(file.host_path + ":" + file.node_path);
      if (!binds.empty()) line("      binds: {}", yaml_list(binds));
      exec.insert(exec.end(), def->exec.begin(), def->exec.end());
    }
    if (!exec.empty()) line("      exec: {}", yaml_list(exec));
    if ((!node.running && any_node_runs(topology_)) || node.paused)
      leave_out(fmt::format("node {} does not run; containerlab starts it", node.added.name));
  }

  void write_cables() {
    line("  links:");
    for (const LinkInfo& link : topology_.links()) {
      if (link.removed) continue;
      std::array<std::string, 2> names;
      for (std::size_t i = 0; i < 2; ++i) names[i] = topology_.name_of(link.added.ports[i]);
      line("    - endpoints: {}", yaml_list(names));
      for (const PortId port : link.added.ports) impair(*topology_.find(port));
    }
    for (const LanInfo& lan : topology_.lans()) {
      if (lan.removed) continue;
      // A bridge's end needs a name of its own on the host.
      for (const PortId port : lan.ports) {
        line("    - endpoints: {}",
             yaml_list(std::array{topology_.name_of(port), fmt::format("{}:lr{}", lan.added.name, index_of(port))}));
        impair(*topology_.find(port));
        if (topology_.find(port)->in != CableSettings{}) {
          leave_out(fmt::format("what the lan's side of {} does to frames", topology_.name_of(port)));
        }
      }
    }
  }

  // What `containerlab tools netem` can do to what a port sends.
  void impair(const PortInfo& port) {
    const std::string name = topology_.name_of(port.added.port);
    if (!port.cable_up) leave_out(fmt::format("the cable of {} is cut; here it is whole", name));
    const CableSettings& out = port.out;
    const auto micros = [](std::uint64_t ns) { return fmt::format("{}us", ns / 1000); };
    std::string options;
    if (out.delay_ns != 0) options += " --delay " + micros(out.delay_ns);
    if (out.jitter_ns != 0) options += " --jitter " + micros(out.jitter_ns);
    if (out.rate_bps != 0) options += fmt::format(" --rate {}", std::max<std::uint64_t>(out.rate_bps / 1000, 1));
    if (out.loss_ppb != 0) {
      std::string percent = format_probability(out.loss_ppb);
      options += " --loss " + percent.substr(0, percent.find('%'));
    }
    if (out.duplicate_ppb != 0 || out.corrupt_ppb != 0 || out.reorder_ppb != 0) {
      leave_out(fmt::format("duplicate, corrupt and reorder of {}", name));
    }
    if (options.empty()) return;
    commands_ += fmt::format("# containerlab tools netem set -n {} -i {}{}\n",
                             shell_quoted("clab-" + file_.name + "-" + name.substr(0, name.find(':'))),
                             shell_quoted(port_part(name)), options);
  }

  std::string commands_;
};

}  // namespace

Result<LabYaml> lab_to_containerlab(const LabMoment& lab, const LabFile& recorded) { return Writer{lab, recorded}.run(); }

}  // namespace labreel
