// topology.defaults, kinds and nodes: a node is what defaults, then its kind, then it itself says.
#include <algorithm>
#include <array>
#include <set>

#include "engine/core/node_kinds.h"
#include "engine/core/suggest.h"
#include "engine/core/topology_check.h"
#include "engine/core/units.h"
#include "engine/lab/lab_draft.h"
#include "engine/lab/lab_names.h"

namespace labreel {
namespace {

constexpr std::uint64_t kMtu_min = 68;      // RFC 791: every link must carry this
constexpr std::uint64_t kMtu_max = kPortMtuMax;  // a TAP device could carry 65521

// Kinds that are known by name, and that this version has not yet.
const std::array<std::string, 3> kComingKinds{"qemu", "container", "ghost"};
const std::array<std::string, 3> kPortKeys{"address", "mac", "mtu"};

// What one of the three places says about a node; applied in order, the later wins.
struct SettingDraft {
  std::string text;
  int line = 0;
  bool is_default = false;  // of the lab: it holds for the nodes whose kind has it
};
struct NodeDraft {
  std::map<std::string, SettingDraft> settings;
  std::map<std::string, FileDef> files;
  std::vector<std::string> exec;
  std::map<std::string, PortDraft> ports;
};

// The keys of one place: its own, and the settings of nodes.
std::vector<std::string> with_settings(std::vector<std::string> own) {
  for (std::string& key : node_setting_keys()) own.push_back(std::move(key));
  return own;
}
const std::vector<std::string>& node_keys() {
  static const std::vector<std::string> keys = with_settings({"kind", "files", "exec", "ports", "position"});
  return keys;
}
const std::vector<std::string>& defaults_keys() {
  static const std::vector<std::string> keys = with_settings({"kind", "files", "exec", "ports"});
  return keys;
}
const std::vector<std::string>& kind_keys() {
  static const std::vector<std::string> keys = with_settings({"files", "exec", "ports"});
  return keys;
}

std::string read_kind(const YamlValue& value) {
  const std::string& kind = text_of(value, "kind");
  if (facts_of(kind) == nullptr && std::find(kComingKinds.begin(), kComingKinds.end(), kind) == kComingKinds.end()) {
    std::vector<std::string> kinds(kComingKinds.begin(), kComingKinds.end());
    for (const NodeKindFacts& facts : kNodeKinds) kinds.emplace_back(NodeKind(facts.kind).text());
    refuse(value.line, "there is no node kind " + quote(kind) + did_you_mean(kind, kinds),
           "the kinds that this version has are " + kinds_in_words());
  }
  return kind;
}

void read_files(const YamlValue& value, NodeDraft& node) {
  for (const YamlEntry& entry : entries_of(value, "files")) {
    if (entry.key.empty()) refuse(entry.line, "files has an empty key");
    check_node_path(entry.key, entry.line);
    const std::string& host_path = text_of(*entry.value, "the file for " + entry.key);
    node.files[entry.key] = FileDef{entry.key, host_path, entry.value->line};
  }
}

void read_exec(const YamlValue& value, NodeDraft& node) {
  node.exec.clear();
  for (const YamlPointer& item : list_of(value, "exec")) {
    node.exec.push_back(text_of(*item, "an item of exec"));
    check_command(node.exec.back(), "exec", item->line);
  }
}

void read_addresses(const YamlValue& value, PortDef& port) {
  port.addresses.clear();
  const auto add = [&](const YamlValue& item) {
    const std::string& address = text_of(item, "an address");
    check_address(address, item.line);
    port.addresses.push_back(address);
  };
  if (value.kind == YamlValue::Kind::text) {
    add(value);
  } else {
    for (const YamlPointer& item : list_of(value, "address")) add(*item);
  }
  std::set<std::string> seen;
  for (const std::string& address : port.addresses) {
    if (!seen.insert(address).second) refuse(value.line, quote(address) + " is given to the port twice");
  }
}

void read_port(const YamlEntry& entry, NodeDraft& node) {
  if (entry.key.empty()) refuse(entry.line, "a port has an empty name");
  check_port_name(entry.key, entry.line);
  const Fields fields(*entry.value, "a port", kPortKeys);
  PortDraft& port = node.ports[entry.key];
  port.def.name = entry.key;
  port.line = entry.line;
  if (const YamlValue* address = fields.find("address")) read_addresses(*address, port.def);
  if (const YamlValue* mac = fields.find("mac")) {
    port.def.mac = value_or_refuse(parse_mac(text_of(*mac, "mac")), mac->line, "mac");
    if ((port.def.mac[0] & 1U) != 0 || port.def.mac == MacAddress{}) {
      refuse(mac->line, "mac: " + quote(mac->text) + " is a group's address or nobody's, not a port's",
             "the first byte of a port's address is even; 02 is free for own use");
    }
    port.mac_given = true;
    port.line = mac->line;
  }
  if (const YamlValue* mtu = fields.find("mtu")) {
    port.def.node_mtu = static_cast<std::uint32_t>(number_of(*mtu, "mtu", kMtu_min, kMtu_max));
    port.def.fabric_mtu = port.def.node_mtu;
  }
}

void read_common(const Fields& fields, NodeDraft& node) {
  for (const std::string& key : node_setting_keys()) {
    if (const YamlValue* setting = fields.find(key)) node.settings[key] = {text_of(*setting, key), setting->line};
  }
  if (const YamlValue* files = fields.find("files")) read_files(*files, node);
  if (const YamlValue* exec = fields.find("exec")) read_exec(*exec, node);
  if (const YamlValue* ports = fields.find("ports")) {
    for (const YamlEntry& entry : entries_of(*ports, "ports")) read_port(entry, node);
  }
}

// Settles what was said of a node whose kind is known now.
std::vector<NodeSetting> read_settings(const NodeKind& kind, const std::map<std::string, SettingDraft>& drafts) {
  std::vector<NodeSetting> settings;
  for (const auto& [key, draft] : drafts) {
    Result<NodeSetting> setting = read_node_setting(kind, key, draft.text);
    if (!setting && draft.is_default && !has_node_setting(kind, key)) continue;
    if (!setting) refuse(draft.line, setting.error().what, setting.error().hint);
    settings.push_back(*std::move(setting));
  }
  return settings;
}

// The defaults and kinds of a lab.
struct Templates {
  const YamlValue* kind = nullptr;
  NodeDraft defaults;
  std::size_t defaults_weight = 0;
  std::map<std::string, const YamlValue*> kinds;
  std::size_t written_out = 0;  // weight of what was copied into nodes so far
};

// Roughly what a tree costs when it is copied: its values, and its text by the 32 bytes.
std::size_t weight_of(const YamlValue& value) { return value.values + value.text_bytes / 32; }

// Defaults and kinds are copied into every node, so that a small file could become a huge lab.
void count_copy(std::size_t weight, int line, Templates& templates) {
  constexpr std::size_t weight_max = 4'000'000;
  templates.written_out += weight;
  if (templates.written_out > weight_max) {
    refuse(line, "the lab is too large: with defaults and kinds written out for each node it has more than " +
                     std::to_string(weight_max) + " values");
  }
}

Templates read_templates(const Fields& topology) {
  Templates templates;
  if (const YamlValue* value = topology.find("defaults")) {
    const Fields fields(*value, "defaults", defaults_keys());
    templates.kind = fields.find("kind");
    if (templates.kind != nullptr) read_kind(*templates.kind);
    read_common(fields, templates.defaults);
    for (auto& [key, setting] : templates.defaults.settings) setting.is_default = true;
    templates.defaults_weight = weight_of(*value);
  }
  if (const YamlValue* value = topology.find("kinds")) {
    for (const YamlEntry& entry : entries_of(*value, "kinds")) {
      YamlValue name;
      name.kind = YamlValue::Kind::text;
      name.line = entry.line;
      name.text = entry.key;
      templates.kinds[read_kind(name)] = entry.value.get();
      NodeDraft unused;  // checks the kind even if no node is of it
      read_common(Fields(*entry.value, "a kind", kind_keys()), unused);
      read_settings(entry.key, unused.settings);
    }
  }
  return templates;
}

void read_node(const YamlEntry& entry, Templates& templates, LabDraft& draft) {
  if (entry.key.empty()) refuse(entry.line, "a node has an empty name");
  check_name(entry.key, "node", entry.line);
  const Fields fields(*entry.value, "a node", node_keys());
  NodeDef def;
  def.name = entry.key;
  def.line = entry.line;
  const YamlValue* kind = fields.find("kind");
  if (kind == nullptr) kind = templates.kind;
  if (kind != nullptr) {
    def.kind = read_kind(*kind);
    if (facts_of(def.kind) == nullptr) {
      refuse(kind->line, "node " + def.name + " is of kind " + std::string(def.kind.text()) + ", which this version does not have yet",
             "kind: namespace runs the programs of this host in a machine of their own");
    }
  }
  count_copy(templates.defaults_weight, entry.line, templates);
  NodeDraft node = templates.defaults;
  if (const auto of_kind = templates.kinds.find(std::string(def.kind.text())); of_kind != templates.kinds.end()) {
    count_copy(weight_of(*of_kind->second), entry.line, templates);
    read_common(Fields(*of_kind->second, "a kind", kind_keys()), node);
  }
  read_common(fields, node);
  def.settings = read_settings(def.kind, node.settings);
  if (const YamlValue* position = fields.find("position")) def.position = read_position(*position);
  for (auto& [path, file] : node.files) def.files.push_back(std::move(file));
  def.exec = std::move(node.exec);
  draft.node_index[def.name] = draft.lab.nodes.size();
  count_ports(node.ports.size(), entry.line, draft);
  draft.ports.push_back(std::move(node.ports));
  draft.lab.nodes.push_back(std::move(def));
}

}  // namespace

void read_nodes(const Fields& topology, LabDraft& draft) {
  Templates templates = read_templates(topology);
  const YamlValue& nodes = topology.require("nodes");
  for (const YamlEntry& entry : entries_of(nodes, "nodes")) read_node(entry, templates, draft);
  if (draft.lab.nodes.empty()) refuse(nodes.line, "the lab has no nodes", "write nodes: {r1: {}, r2: {}}");
}

std::size_t node_named(const std::string& name, int line, const LabDraft& draft) {
  const auto found = draft.node_index.find(name);
  if (found != draft.node_index.end()) return found->second;
  std::vector<std::string> names;
  for (const NodeDef& node : draft.lab.nodes) names.push_back(node.name);
  refuse(line, "there is no node " + quote(name) + did_you_mean(name, names));
}

PortName port_named(const std::string& text, int line, const LabDraft& draft) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    refuse(line, quote(text) + " does not name a port", "write NODE:PORT, such as r1:eth1");
  }
  PortName name{node_named(text.substr(0, colon), line, draft), text.substr(colon + 1)};
  check_port_name(name.port, line);
  return name;
}

void count_ports(std::size_t added, int line, LabDraft& draft) {
  draft.port_count += added;
  if (draft.port_count > kPortsMax) refuse(line, "the lab has more than " + std::to_string(kPortsMax) + " ports");
}

void finish_ports(LabDraft& draft) {
  std::map<MacAddress, std::string> owners;
  for (std::size_t i = 0; i < draft.lab.nodes.size(); ++i) {
    NodeDef& node = draft.lab.nodes[i];
    for (auto& [name, port] : draft.ports[i]) {
      if (!port.mac_given) port.def.mac = default_mac(draft.lab.name, node.name, name);
      const std::string full_name = node.name + ":" + name;
      const auto [owner, is_new] = owners.emplace(port.def.mac, full_name);
      if (!is_new) {
        refuse(port.line,
               full_name + " has the MAC address " + format_mac(port.def.mac) + ", and so has " + owner->second,
               "give each port its own, or leave mac out");
      }
      node.ports.push_back(port.def);
    }
  }
}

}  // namespace labreel
