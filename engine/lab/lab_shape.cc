#include "engine/lab/lab_shape.h"

#include <vector>

#include "engine/core/suggest.h"
#include "engine/lab/lab_names.h"
#include "engine/lab/refusal.h"

namespace labreel {
namespace {

struct PortParts {
  std::string node;
  std::string port;
};

PortParts split_port(const std::string& text, int line) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    refuse(line, quote(text) + " does not name a port", "write NODE:PORT, such as r1:eth1");
  }
  PortParts parts{text.substr(0, colon), text.substr(colon + 1)};
  check_port_name(parts.port, line);
  return parts;
}

std::string lan_text(const std::string& lan) { return "lan " + lan; }

std::string suggestion(const std::string& wrong, const std::set<std::string>& names) {
  return did_you_mean(wrong, std::vector<std::string>(names.begin(), names.end()));
}

}  // namespace

LabShape::LabShape(const LabFile& lab) : clock_(lab.clock) {
  for (const NodeDef& node : lab.nodes) {
    Names& ports = ports_[node.name];
    for (const PortDef& port : node.ports) ports.insert(port.name);
    nodes_ever_.insert(node.name);
  }
  for (const LinkDef& link : lab.links) {
    const std::string name = "the link of line " + std::to_string(link.line);
    for (std::size_t i = 0; i < 2; ++i) cables_[link.endpoints[i]] = {name, link.endpoints[1 - i]};
  }
  for (const LanDef& lan : lab.lans) {
    lans_.insert(lan.name);
    for (const LanPortDef& port : lan.ports) cables_[port.port] = {lan_text(lan.name), {}};
  }
}

void LabShape::check_node(const std::string& node, int line) const {
  if (ports_.contains(node)) return;
  if (nodes_ever_.contains(node)) refuse(line, "node " + node + " was deleted by a step before this one");
  Names names;
  for (const auto& [name, unused] : ports_) names.insert(name);
  refuse(line, "there is no node " + quote(node) + suggestion(node, names));
}

void LabShape::check_node_ever(const std::string& node, int line) const {
  if (!nodes_ever_.contains(node)) refuse(line, "there is no node " + quote(node) + suggestion(node, nodes_ever_));
}

void LabShape::check_port(const std::string& port, int line) const {
  const PortParts parts = split_port(port, line);
  check_node(parts.node, line);
  const Names& ports = ports_.at(parts.node);
  if (ports.contains(parts.port)) return;
  Names names;
  for (const std::string& name : ports) names.insert(parts.node + ":" + name);
  refuse(line, "there is no port " + quote(port) + suggestion(port, names),
         "a port exists if its node lists it under ports, or a link or lan names it");
}

void LabShape::check_cable(const std::string& port, int line) const {
  check_port(port, line);
  if (cables_.contains(port)) return;
  refuse(line, port + " has no cable at this step", "join it to a lan before, or name another port");
}

void LabShape::check_lan(const std::string& lan, int line) const {
  if (!lans_.contains(lan)) refuse(line, "there is no lan " + quote(lan) + suggestion(lan, lans_));
}

void LabShape::check_new_end(const std::string& port, int line) const { check_node(split_port(port, line).node, line); }

void LabShape::check_free(const std::string& port, std::string_view wish, int line) const {
  const auto held = cables_.find(port);
  if (held == cables_.end()) return;
  refuse(line, port + " cannot " + std::string(wish) + ": it has a cable already: " + held->second.name);
}

void LabShape::plug(const std::string& port, Cable cable) {
  const std::size_t colon = port.find(':');
  ports_[port.substr(0, colon)].insert(port.substr(colon + 1));
  cables_[port] = std::move(cable);
}

void LabShape::add_node(const std::string& node, int line) {
  check_name(node, "node", line);
  if (ports_.contains(node)) refuse(line, "node " + node + " is there already");
  ports_[node];
  nodes_ever_.insert(node);
}

void LabShape::remove_node(const std::string& node, int line) {
  check_node(node, line);
  for (const std::string& name : ports_.at(node)) {
    const auto cable = cables_.find(node + ":" + name);
    if (cable == cables_.end()) continue;
    const std::string peer = cable->second.peer;
    cables_.erase(cable);
    if (!peer.empty()) cables_.erase(peer);
  }
  ports_.erase(node);
}

void LabShape::add_link(const std::string& port, const std::string& peer, int line) {
  if (port == peer) refuse(line, "a link joins " + quote(port) + " to itself");
  for (const std::string& end : {port, peer}) {
    check_new_end(end, line);
    check_free(end, "get a link", line);
  }
  const std::string name = "the link of line " + std::to_string(line);
  plug(port, {name, peer});
  plug(peer, {name, port});
}

void LabShape::remove_link(const std::string& port, int line) {
  check_cable(port, line);
  const std::string peer = cables_.at(port).peer;
  if (peer.empty()) {
    refuse(line, port + " is not on a link, but on " + cables_.at(port).name, "write lan: {leave: LAN, port: PORT}");
  }
  cables_.erase(port);
  cables_.erase(peer);
}

void LabShape::add_lan(const std::string& lan, int line) {
  check_name(lan, "lan", line);
  if (!lans_.insert(lan).second) refuse(line, "lan " + lan + " is there already");
}

void LabShape::remove_lan(const std::string& lan, int line) {
  check_lan(lan, line);
  lans_.erase(lan);
  std::erase_if(cables_, [name = lan_text(lan)](const auto& entry) { return entry.second.name == name; });
}

void LabShape::join(const std::string& lan, const std::string& port, int line) {
  check_lan(lan, line);
  check_new_end(port, line);
  check_free(port, "join " + lan_text(lan), line);
  plug(port, {lan_text(lan), {}});
}

void LabShape::leave(const std::string& lan, const std::string& port, int line) {
  check_lan(lan, line);
  check_port(port, line);
  const auto held = cables_.find(port);
  if (held == cables_.end() || held->second.name != lan_text(lan)) {
    refuse(line, port + " cannot leave " + lan_text(lan) + ": it is not on it at this step");
  }
  cables_.erase(held);
}

}  // namespace labreel
