// topology.links and lans: every port has at most one cable.
#include <array>

#include "engine/core/topology_check.h"
#include "engine/core/units.h"
#include "engine/lab/lab_draft.h"
#include "engine/lab/lab_names.h"

namespace labreel {
namespace {

const std::string& port_text(const YamlValue& value) {
  if (value.kind == YamlValue::Kind::map) {
    refuse(value.line, "an end of a cable must be plain text, but is a map", "write it as \"r1:eth1\"");
  }
  return text_of(value, "an end of a cable");
}

// Takes the port for one cable, and adds it to its node if the node did not list it.
void plug(const std::string& text, int line, const std::string& cable, LabDraft& draft) {
  const PortName name = port_named(text, line, draft);
  const auto [taken, is_free] = draft.cable_of.emplace(text, cable);
  if (!is_free) {
    refuse(line, text + " has a cable already: " + taken->second, "a port has one cable; use another port");
  }
  auto& ports = draft.ports[name.node];
  const auto [port, is_new] = ports.try_emplace(name.port);
  if (!is_new) return;
  count_ports(1, line, draft);
  port->second.def.name = name.port;
  port->second.line = line;
}

void read_link(const YamlValue& value, LabDraft& draft) {
  static const std::vector<std::string> keys = with_cable_keys({"endpoints"});
  if (value.kind != YamlValue::Kind::map) {
    refuse(value.line, "a link must be a map, but is " + noun_of(value),
           "write endpoints: [\"r1:eth1\", \"r2:eth1\"]");
  }
  const Fields fields(value, "a link", keys);
  LinkDef link;
  link.line = value.line;
  const YamlValue& endpoints = fields.require("endpoints");
  const auto& ends = list_of(endpoints, "endpoints");
  if (ends.size() != 2) {
    refuse(endpoints.line, "a link has two endpoints, but " + std::to_string(ends.size()) + " are written",
           "write endpoints: [\"r1:eth1\", \"r2:eth1\"]; more ports than two are joined by a lan");
  }
  for (std::size_t i = 0; i < 2; ++i) link.endpoints[i] = port_text(*ends[i]);
  if (link.endpoints[0] == link.endpoints[1]) {
    refuse(ends[1]->line, "a link joins " + quote(link.endpoints[0]) + " to itself");
  }
  const std::string cable = "the link of line " + std::to_string(link.line);
  for (std::size_t i = 0; i < 2; ++i) plug(link.endpoints[i], ends[i]->line, cable, draft);
  CableChange reading;
  for (const YamlEntry& entry : fields.entries()) {
    if (entry.key != "endpoints") read_cable_key(entry, reading);
  }
  link.out = {reading.out, reading.in};
  draft.lab.links.push_back(std::move(link));
}

LanPortDef read_lan_port(const YamlValue& value, const std::string& cable, LabDraft& draft) {
  LanPortDef def;
  if (value.kind != YamlValue::Kind::map) {
    def.port = text_of(value, "a port of a lan");
    plug(def.port, value.line, cable, draft);
    return def;
  }
  static const std::vector<std::string> keys = with_cable_keys({"port"});
  const Fields fields(value, "a port of a lan", keys);
  def.port = fields.text("port");
  plug(def.port, value.line, cable, draft);
  CableChange reading;
  for (const YamlEntry& entry : fields.entries()) {
    if (entry.key != "port") read_cable_key(entry, reading);
  }
  def.out = reading.out;
  def.in = reading.in;
  return def;
}

void read_lan(const YamlEntry& entry, LabDraft& draft) {
  static const std::array<std::string, 4> keys{"ports", "hub", "mac_limit", "ageing"};
  if (entry.key.empty()) refuse(entry.line, "a lan has an empty name");
  check_name(entry.key, "lan", entry.line);
  const Fields fields(*entry.value, "a lan", keys);
  LanDef lan;
  lan.name = entry.key;
  lan.line = entry.line;
  if (const YamlValue* hub = fields.find("hub")) lan.hub = boolean_of(*hub, "hub");
  if (const YamlValue* limit = fields.find("mac_limit")) {
    constexpr std::uint64_t mac_limit_max = 1'000'000;
    lan.mac_limit = static_cast<std::uint32_t>(number_of(*limit, "mac_limit", 1, mac_limit_max));
  }
  if (const YamlValue* ageing = fields.find("ageing")) {
    lan.ageing_ns = value_or_refuse(parse_duration_ns(text_of(*ageing, "ageing")), ageing->line, "ageing");
  }
  if (const YamlValue* ports = fields.find("ports")) {
    for (const YamlPointer& port : list_of(*ports, "ports")) {
      lan.ports.push_back(read_lan_port(*port, "lan " + lan.name, draft));
    }
  }
  LanCopies copies;
  for (const LanPortDef& port : lan.ports) copies.add(port.out, port.in);
  if (const Status few = copies.check(lan.name); !few) refuse(lan.line, few.error().what, few.error().hint);
  draft.lab.lans.push_back(std::move(lan));
}

}  // namespace

void read_links(const YamlValue& links, LabDraft& draft) {
  for (const YamlPointer& link : list_of(links, "links")) read_link(*link, draft);
}

void read_lans(const YamlValue& lans, LabDraft& draft) {
  for (const YamlEntry& entry : entries_of(lans, "lans")) read_lan(entry, draft);
}

}  // namespace labreel
