// What both kinds of exported lab files are made of.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/core/topology.h"
#include "engine/lab/lab_file.h"
#include "engine/lab/yaml/lab_to_yaml.h"

namespace labreel {

// Text in YAML's double quotes; no byte of a reel can end them, nor the line, and every reader takes it.
//
// Shape: a byte that is no UTF-8 becomes U+FFFD, for YAML has no way to write it.
// Source: YAML 1.1, "Character Set" and "Escape Sequences".
std::string yaml_quoted(std::string_view text);

// A word as a POSIX shell reads it back, whatever is in it.
std::string shell_quoted(std::string_view word);

// Says whether every name of the lab, whoever made the reel, is one that a lab file may have.
Status check_names(const Topology& topology);

// "[a, b]", each quoted.
template <class Texts>
std::string yaml_list(const Texts& texts) {
  std::string list;
  for (const auto& text : texts) list += (list.empty() ? "" : ", ") + yaml_quoted(text);
  return "[" + list + "]";
}

// What the lab file says of a node, or of one of its ports; nothing for one that was added later.
inline const NodeDef* node_in(const LabFile& file, std::string_view name) {
  const auto found =
      std::find_if(file.nodes.begin(), file.nodes.end(), [&](const auto& node) { return node.name == name; });
  return found == file.nodes.end() ? nullptr : &*found;
}
inline const PortDef* port_in(const NodeDef* node, std::string_view name) {
  if (node == nullptr) return nullptr;
  const auto found =
      std::find_if(node->ports.begin(), node->ports.end(), [&](const auto& port) { return port.name == name; });
  return found == node->ports.end() ? nullptr : &*found;
}

// Whether the lab runs at all: once it has ended no node does, and that is nothing to be said of each.
inline bool any_node_runs(const Topology& topology) {
  return std::any_of(topology.nodes().begin(), topology.nodes().end(), [](const NodeInfo& node) { return node.running; });
}

// "eth1" of "r1:eth1".
inline std::string port_part(const std::string& name) { return name.substr(name.find(':') + 1); }

// What both writers write into, and what they are told.
class LabYamlWriter {
 public:
  LabYamlWriter(const LabMoment& lab, const LabFile& recorded) : lab_(lab), topology_(lab.topology), file_(recorded) {}

 protected:
  static constexpr std::uint32_t kPlainMtu = PortDef{}.fabric_mtu;  // of a port without a word about it

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    yaml_.text += fmt::format(format, std::forward<Args>(args)...) + "\n";
  }
  void leave_out(std::string sentence) { yaml_.left_out.push_back(std::move(sentence)); }

  const LabMoment lab_;
  const Topology& topology_;
  const LabFile& file_;
  LabYaml yaml_;
};

}  // namespace labreel
