#include "engine/lab/yaml/lab_to_yaml.h"

#include <fmt/format.h>

#include "engine/core/cable_table.h"
#include "engine/core/node_kinds.h"
#include "engine/core/units.h"
#include "engine/lab/yaml/lab_yaml_parts.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

class Writer : private LabYamlWriter {
 public:
  using LabYamlWriter::LabYamlWriter;

  Result<LabYaml> run() {
    if (Status fit = check_names(topology_); !fit) return std::move(fit).error();
    yaml_.text = fmt::format("# {} at event {}, {} s: written by labreel export.\n", printable(file_.name),
                             lab_.at.value, format_seconds(lab_.time));
    line("name: {}", yaml_quoted(file_.name));
    line("seed: {}", file_.seed);
    if (file_.clock != ClockKind::real) line("clock: {}", file_.clock.text());
    if (file_.strict) line("strict: true");
    if (!file_.image.empty()) line("image: {}", yaml_quoted(file_.image));
    line("topology:\n  nodes:");
    for (const NodeInfo& node : topology_.nodes()) {
      if (!node.removed) write_node(node);
    }
    write_links();
    write_lans();
    return std::move(yaml_);
  }

 private:
  void write_node(const NodeInfo& node) {
    const std::string& name = node.added.name;
    const NodeDef* const def = node_in(file_, name);
    line("    {}:", yaml_quoted(name));
    line("      kind: {}", yaml_quoted(std::string(node.added.node_kind.text())));
    if (node.added.position) line("      position: [{}, {}]", (*node.added.position)[0], (*node.added.position)[1]);
    for (const NodeSetting& setting : node.added.settings) write_setting(name, node.added.node_kind, setting);
    if (def != nullptr && !def->files.empty()) {
      line("      files:");
      for (const FileDef& file : def->files)
        line("        {}: {}", yaml_quoted(file.node_path), yaml_quoted(file.host_path));
    }
    if (def != nullptr && !def->exec.empty()) line("      exec: {}", yaml_list(def->exec));
    if (!node.running && any_node_runs(topology_)) leave_out(fmt::format("node {} is stopped; the lab file starts it", name));
    if (node.paused) leave_out(fmt::format("node {} is paused; the lab file starts it", name));
    write_ports(node, def);
  }

  void write_setting(const std::string& node, const NodeKind& kind, const NodeSetting& setting) {
    if (read_node_setting(kind, setting.key, setting.value)) return line("      {}: {}", setting.key, yaml_quoted(setting.value));
    leave_out(fmt::format("node {} has a setting {} that this version does not know", node, printable(setting.key)));
  }

  void write_ports(const NodeInfo& node, const NodeDef* def) {
    bool is_first = true;
    for (const PortInfo& port : topology_.ports()) {
      if (port.removed || port.added.node != node.added.node) continue;
      if (is_first) line("      ports:");
      is_first = false;
      const std::string name = topology_.name_of(port.added.port);
      const PortDef* const known = port_in(def, port_part(name));
      std::string text = fmt::format("mac: {}", yaml_quoted(format_mac(port.added.mac)));
      const bool is_given = known != nullptr && known->node_mtu == port.added.mtu;
      if (port.added.mtu != kPlainMtu || is_given) text += fmt::format(", mtu: {}", port.added.mtu);
      if (known != nullptr && !known->addresses.empty()) text += ", address: " + yaml_list(known->addresses);
      line("        {}: {{{}}}", yaml_quoted(port_part(name)), text);
      if (!port.up) leave_out(fmt::format("port {} is down; in the lab file it is up", name));
    }
  }

  // ", delay: 5ms", or with both directions told apart.
  static std::string settings(const CableSettings& out, const CableSettings& in) {
    const CableSettings plain;
    std::string text;
    for (const CableSetting& setting : kCableSettings) {
      const std::uint64_t there = setting.value_of(out);
      const std::uint64_t back = setting.value_of(in);
      if (there == back && there == setting.value_of(plain)) continue;
      text += there == back ? fmt::format(", {}: {}", setting.key, setting.print(there))
                            : fmt::format(", {}: {{out: {}, in: {}}}", setting.key, setting.print(there), setting.print(back));
    }
    return text;
  }

  void say_if_cut(const PortInfo& port) {
    if (port.cable_up) return;
    leave_out(fmt::format("the cable of {} is cut; in the lab file it is whole", topology_.name_of(port.added.port)));
  }

  void write_links() {
    bool is_first = true;
    for (const LinkInfo& link : topology_.links()) {
      if (link.removed) continue;
      if (is_first) line("  links:");
      is_first = false;
      const PortInfo& first = *topology_.find(link.added.ports[0]);
      const PortInfo& second = *topology_.find(link.added.ports[1]);
      line("    - {{endpoints: [{}, {}]{}}}", yaml_quoted(topology_.name_of(first.added.port)),
           yaml_quoted(topology_.name_of(second.added.port)), settings(first.out, second.out));
      say_if_cut(first);
    }
  }

  void write_lans() {
    bool is_first = true;
    for (const LanInfo& lan : topology_.lans()) {
      if (lan.removed) continue;
      if (is_first) line("  lans:");
      is_first = false;
      line("    {}:", yaml_quoted(lan.added.name));
      line("      hub: {}", lan.added.hub);
      line("      mac_limit: {}", lan.added.mac_limit);
      line("      ageing: {}", format_duration(lan.added.ageing_ns));
      if (!lan.ports.empty()) line("      ports:");
      for (const PortId id : lan.ports) {
        const PortInfo& port = *topology_.find(id);
        line("        - {{port: {}{}}}", yaml_quoted(topology_.name_of(id)), settings(port.out, port.in));
        say_if_cut(port);
      }
    }
  }

};

}  // namespace

Result<LabYaml> lab_to_yaml(const LabMoment& lab, const LabFile& recorded) { return Writer{lab, recorded}.run(); }

}  // namespace labreel
