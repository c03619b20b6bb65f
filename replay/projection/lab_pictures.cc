// The lab at a position as JSON, words, Graphviz and Mermaid.
#include <fmt/format.h>

#include "engine/core/cable_table.h"
#include "engine/core/node_death.h"
#include "engine/core/units.h"
#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "replay/event_json.h"
#include "replay/projection/lab_at.h"

namespace labreel {
namespace {

// How the node ended; null for one that runs, or whose end is not known.
const NodeEnd* end_of(const NodeInfo& node, const NodeEnds& ends) {
  const auto found = ends.find(node.added.node);
  return node.running || found == ends.end() ? nullptr : &found->second;
}

const char* state_of(const NodeInfo& node, const NodeEnds& ends) {
  if (node.running) return node.paused ? "paused" : "running";
  const NodeEnd* const end = end_of(node, ends);
  return end != nullptr && end->crashed ? "crashed" : "stopped";
}

// "crashed at 3.100000000 s (event 57): killed by signal 9".
std::string state_line(const NodeInfo& node, const NodeEnds& ends) {
  const NodeEnd* const end = end_of(node, ends);
  const char* const state = state_of(node, ends);
  if (end == nullptr) return state;
  std::string line = fmt::format("{} at {} s (event {})", state, format_seconds(end->time), end->seq.value);
  if (!end->why.empty() && stop_reason_of(end->why).cause != StopCause::stopped) line += ": " + printable(end->why);
  return line;
}

void write_end(JsonWriter& json, const NodeEnd* end) {
  json.key("ended");
  if (end == nullptr) {
    json.null();
  } else {
    json.begin_object().key("seq").value(end->seq.value).key("time").value(end->time.ns).key("why").value(end->why).end_object();
  }
}

// " delay 5ms, loss 1%", or nothing.
std::string impairments(const CableSettings& settings) {
  const std::string text = settings_text(settings);
  return text.empty() ? text : " " + text;
}

void write_direction(JsonWriter& json, const char* name, const CableSettings& settings) {
  json.key(name).begin_object();
  write_settings(json, settings);
  json.end_object();
}

// What the lab file says of a port; null where it says nothing.
const RecordedPort* recorded_of(const RecordedPorts& recorded, const Topology& topology, PortId port) {
  const auto found = recorded.find(topology.name_of(port));
  return found == recorded.end() ? nullptr : &found->second;
}

void write_lab_file_port(JsonWriter& json, const RecordedPort* recorded) {
  json.key("interface_mtu");
  if (recorded == nullptr) {
    json.null();
  } else {
    json.value(recorded->interface_mtu);
  }
  json.key("addresses").begin_array();
  if (recorded != nullptr) {
    for (const std::string& address : recorded->addresses) json.value(address);
  }
  json.end_array();
}

// The ports that are there, by their nodes' numbers.
using PortsOfNodes = std::vector<std::vector<const PortInfo*>>;
PortsOfNodes ports_of_nodes(const Topology& topology) {
  PortsOfNodes ports(topology.nodes().size());
  for (const PortInfo& port : topology.ports()) {
    if (!port.removed) ports[index_of(port.added.node)].push_back(&port);
  }
  return ports;
}

void write_node(JsonWriter& json, const Topology& topology, const NodeInfo& node,
                const std::vector<const PortInfo*>& ports, const RecordedPorts& recorded, const NodeEnds& ends) {
  json.begin_object();
  json.key("node").value(node.added.name);
  json.key("kind").value(node.added.node_kind.text());
  json.key("state").value(state_of(node, ends));
  write_end(json, end_of(node, ends));
  json.key("position");
  if (node.added.position) {
    json.begin_array().value((*node.added.position)[0]).value((*node.added.position)[1]).end_array();
  } else {
    json.null();
  }
  if (!node.added.settings.empty()) {
    json.key("settings").begin_object();
    for (const NodeSetting& setting : node.added.settings) json.key(setting.key).string_or_hex(setting.value);
    json.end_object();
  }
  json.key("ports").begin_array();
  for (const PortInfo* const port : ports) {
    json.begin_object();
    json.key("port").value(topology.name_of(port->added.port));
    json.key("mac").value(format_mac(port->added.mac));
    json.key("mtu").value(port->added.mtu);
    json.key("up").value(port->up);
    json.key("cable").value(port->link ? "link" : port->lan ? "lan" : "none");
    json.key("cable_up").value(port->cable_up);
    write_lab_file_port(json, recorded_of(recorded, topology, port->added.port));
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_links(JsonWriter& json, const Topology& topology) {
  json.key("links").begin_array();
  for (const LinkInfo& link : topology.links()) {
    if (link.removed) continue;
    json.begin_object();
    json.key("ports").begin_array();
    for (const PortId port : link.added.ports) json.value(topology.name_of(port));
    json.end_array();
    const PortInfo& first = *topology.find(link.added.ports[0]);
    json.key("up").value(first.cable_up);
    write_direction(json, "out", first.out);
    write_direction(json, "in", topology.find(link.added.ports[1])->out);
    json.end_object();
  }
  json.end_array();
}

void write_lans(JsonWriter& json, const Topology& topology) {
  json.key("lans").begin_array();
  for (const LanInfo& lan : topology.lans()) {
    if (lan.removed) continue;
    json.begin_object();
    json.key("lan").value(lan.added.name);
    json.key("hub").value(lan.added.hub);
    json.key("ports").begin_array();
    for (const PortId port : lan.ports) {
      json.begin_object();
      json.key("port").value(topology.name_of(port));
      json.key("up").value(topology.find(port)->cable_up);
      write_direction(json, "out", topology.find(port)->out);
      write_direction(json, "in", topology.find(port)->in);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_traffic(JsonWriter& json, const LabAt& lab) {
  const Topology& topology = lab.fabric.topology();
  json.key("mac_tables").begin_array();
  for (const MacEntry& entry : lab.fabric.mac_entries(lab.time)) {
    json.begin_object();
    json.key("lan").value(topology.name_of(entry.lan));
    json.key("mac").value(format_mac(entry.mac));
    json.key("port").value(topology.name_of(entry.port));
    json.key("learned").value(entry.learned.ns);
    json.end_object();
  }
  json.end_array();
  json.key("queues").begin_array();
  for (const QueueState& queue : lab.fabric.queues(lab.time)) {
    json.begin_object();
    json.key("port").value(topology.name_of(queue.port));
    json.key("direction").value(queue.direction == Direction::out ? "out" : "in");
    json.key("bytes").value(queue.bytes);
    json.end_object();
  }
  json.end_array();
  json.key("in_flight").begin_array();
  for (const InFlight& flight : lab.fabric.in_flight()) {
    json.begin_object();
    json.key("frame").value(flight.frame.value);
    json.key("copy").value(flight.copy);
    json.key("from").value(topology.name_of(flight.from));
    json.key("to").value(topology.name_of(flight.to));
    json.key("due").value(flight.due.ns);
    json.end_object();
  }
  json.end_array();
}

template <class Id>
std::string shown(const Topology& topology, Id id) {
  return printable(topology.name_of(id));
}

std::string dot_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// A name within a label's quotes. Source: Mermaid's "Entity codes to escape characters": a character is #NUMBER;
std::string mermaid_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    const bool is_plain = std::string_view("\"#&;<>()[]{}|`\\").find(c) == std::string_view::npos;
    escaped += is_plain ? std::string{c} : fmt::format("#{};", static_cast<int>(c));
  }
  return escaped;
}

// "  port r1:eth1  up  02:00:00:00:01:01  mtu 1500  10.0.1.1/24".
std::string port_line(const Topology& topology, const PortInfo& port, const RecordedPort* recorded) {
  const std::uint32_t mtu = recorded == nullptr ? port.added.mtu : recorded->interface_mtu;
  std::string text = fmt::format("  port {}  {}  {}  mtu {}", shown(topology, port.added.port), port.up ? "up" : "down",
                                 format_mac(port.added.mac), mtu);
  if (port.added.mtu != mtu) text += fmt::format(" (its cable carries {})", port.added.mtu);
  if (recorded == nullptr) return text + "\n";
  for (const std::string& address : recorded->addresses) text += "  " + printable(address);
  return text + "\n";
}

const std::string& node_name(const Topology& topology, PortId port) {
  return topology.find(topology.find(port)->added.node)->added.name;
}

}  // namespace

std::string lab_to_json(const LabAt& lab, const RecordedPorts& recorded, const NodeEnds& ends) {
  const Topology& topology = lab.fabric.topology();
  JsonWriter json;
  json.begin_object();
  json.key("at").value(lab.at.value);
  json.key("time").value(lab.time.ns);
  const PortsOfNodes ports = ports_of_nodes(topology);
  json.key("nodes").begin_array();
  for (const NodeInfo& node : topology.nodes()) {
    if (!node.removed) write_node(json, topology, node, ports[index_of(node.added.node)], recorded, ends);
  }
  json.end_array();
  write_links(json, topology);
  write_lans(json, topology);
  write_traffic(json, lab);
  json.end_object();
  return json.take();
}

std::string lab_to_text(const LabAt& lab, const RecordedPorts& recorded, const NodeEnds& ends) {
  const Topology& topology = lab.fabric.topology();
  const PortsOfNodes ports = ports_of_nodes(topology);
  std::string text = fmt::format("at event {}, {} s\n", lab.at.value, format_seconds(lab.time));
  for (const NodeInfo& node : topology.nodes()) {
    if (node.removed) continue;
    text += fmt::format("node {}  {}\n", printable(node.added.name), state_line(node, ends));
    for (const PortInfo* const port : ports[index_of(node.added.node)]) {
      text += port_line(topology, *port, recorded_of(recorded, topology, port->added.port));
    }
  }
  for (const LinkInfo& link : topology.links()) {
    if (link.removed) continue;
    const PortInfo& first = *topology.find(link.added.ports[0]);
    const PortInfo& second = *topology.find(link.added.ports[1]);
    text += fmt::format("link {} -- {}  {}", shown(topology, link.added.ports[0]),
                        shown(topology, link.added.ports[1]), first.cable_up ? "up" : "cut");
    const std::string out = impairments(first.out);
    const std::string in = impairments(second.out);
    text += out == in ? out : fmt::format("  out:{}  in:{}", out.empty() ? " plain" : out, in.empty() ? " plain" : in);
    text += '\n';
  }
  for (const LanInfo& lan : topology.lans()) {
    if (lan.removed) continue;
    text += fmt::format("{} {}:", lan.added.hub ? "hub" : "lan", printable(lan.added.name));
    for (const PortId port : lan.ports) {
      text += fmt::format(" {}{}", shown(topology, port), topology.find(port)->cable_up ? "" : " (cut)");
    }
    text += '\n';
  }
  for (const MacEntry& entry : lab.fabric.mac_entries(lab.time)) {
    text += fmt::format("mac {} is at {} on {}\n", format_mac(entry.mac), shown(topology, entry.port),
                        shown(topology, entry.lan));
  }
  for (const QueueState& queue : lab.fabric.queues(lab.time)) {
    if (queue.bytes == 0) continue;
    text += fmt::format("queue of {} {}: {} bytes\n", shown(topology, queue.port),
                        queue.direction == Direction::out ? "out" : "in", queue.bytes);
  }
  for (const InFlight& flight : lab.fabric.in_flight()) {
    text += fmt::format("frame {} flies from {} to {}, due at {} s\n", flight.frame.value,
                        shown(topology, flight.from), shown(topology, flight.to), format_seconds(flight.due));
  }
  return text;
}

std::string lab_to_dot(const LabAt& lab, const std::string& name, const NodeEnds& ends) {
  const Topology& topology = lab.fabric.topology();
  std::string dot = fmt::format("graph {} {{\n  node [shape=box, style=rounded];\n", dot_quoted(name));
  for (const NodeInfo& node : topology.nodes()) {
    if (node.removed) continue;
    dot += fmt::format("  {}", dot_quoted(node.added.name));
    std::string attributes;
    // Graphviz counts upwards and in points; the lab file as a screen does.
    if (node.added.position) {
      attributes += fmt::format("pos=\"{},{}\", pin=true", (*node.added.position)[0], -(*node.added.position)[1]);
    }
    if (!node.running) attributes += std::string{attributes.empty() ? "" : ", "} + "style=\"rounded,dashed\"";
    if (const NodeEnd* const end = end_of(node, ends); end != nullptr && end->crashed) {
      attributes += fmt::format(", color=red, tooltip={}", dot_quoted(state_line(node, ends)));
    }
    dot += attributes.empty() ? ";\n" : fmt::format(" [{}];\n", attributes);
  }
  for (const LinkInfo& link : topology.links()) {
    if (link.removed) continue;
    const PortInfo& first = *topology.find(link.added.ports[0]);
    const PortInfo& second = *topology.find(link.added.ports[1]);
    dot +=
        fmt::format("  {} -- {} [taillabel={}, headlabel={}{}];\n", dot_quoted(node_name(topology, first.added.port)),
                    dot_quoted(node_name(topology, second.added.port)), dot_quoted(first.added.name),
                    dot_quoted(second.added.name), first.cable_up ? "" : ", style=dashed");
  }
  for (const LanInfo& lan : topology.lans()) {
    if (lan.removed) continue;
    dot += fmt::format("  {} [shape=ellipse];\n", dot_quoted("lan " + lan.added.name));
    for (const PortId port : lan.ports) {
      dot += fmt::format("  {} -- {} [taillabel={}{}];\n", dot_quoted(node_name(topology, port)),
                         dot_quoted("lan " + lan.added.name), dot_quoted(topology.find(port)->added.name),
                         topology.find(port)->cable_up ? "" : ", style=dashed");
    }
  }
  return dot + "}\n";
}

std::string lab_to_mermaid(const LabAt& lab, const NodeEnds& ends) {
  const Topology& topology = lab.fabric.topology();
  std::string text = "flowchart LR\n";
  for (const NodeInfo& node : topology.nodes()) {
    if (node.removed) continue;
    const NodeEnd* const end = end_of(node, ends);
    text += fmt::format("  n{}[\"{}{}\"]\n", index_of(node.added.node), mermaid_text(node.added.name),
                        end != nullptr && end->crashed ? " – crashed" : "");
  }
  for (const LinkInfo& link : topology.links()) {
    if (link.removed) continue;
    const PortInfo& first = *topology.find(link.added.ports[0]);
    const PortInfo& second = *topology.find(link.added.ports[1]);
    text += fmt::format("  n{} {}|\"{} – {}\"| n{}\n", index_of(first.added.node), first.cable_up ? "---" : "-.-",
                        mermaid_text(first.added.name), mermaid_text(second.added.name), index_of(second.added.node));
  }
  for (const LanInfo& lan : topology.lans()) {
    if (lan.removed) continue;
    text += fmt::format("  l{}([\"{}\"])\n", index_of(lan.added.lan), mermaid_text(lan.added.name));
    for (const PortId port : lan.ports) {
      const PortInfo& info = *topology.find(port);
      text += fmt::format("  n{} {}|\"{}\"| l{}\n", index_of(info.added.node), info.cable_up ? "---" : "-.-",
                          mermaid_text(info.added.name), index_of(lan.added.lan));
    }
  }
  return text;
}

}  // namespace labreel
