#include "recorder/session/name_finder.h"

#include <vector>

#include "engine/core/suggest.h"

namespace labreel {

Result<NodeId> NameFinder::node(const std::string& name) const {
  if (const auto node = runtime_.topology().node_named(name)) return *node;
  std::vector<std::string> names;
  for (const NodeInfo& node : runtime_.topology().nodes()) {
    if (!node.removed) names.push_back(node.added.name);
  }
  return usage_error("no node " + name + did_you_mean(name, names));
}

Result<PortId> NameFinder::port(const std::string& name) const {
  if (const auto port = runtime_.topology().port_named(name)) return *port;
  // Of a node that is not there no port is meant.
  const std::string node_name = name.substr(0, name.find(':'));
  if (node_name.size() < name.size()) {
    if (auto found = node(node_name); !found) return std::move(found).error();
  }
  std::vector<std::string> names;
  for (const PortInfo& port : runtime_.topology().ports()) {
    if (!port.removed) names.push_back(runtime_.topology().name_of(port.added.port));
  }
  return usage_error("no port " + name + did_you_mean(name, names),
                     "a port is written NODE:INTERFACE, such as r1:eth1");
}

Result<LanId> NameFinder::lan(const std::string& name) const {
  if (const auto lan = runtime_.topology().lan_named(name)) return *lan;
  std::vector<std::string> names;
  for (const LanInfo& lan : runtime_.topology().lans()) {
    if (!lan.removed) names.push_back(lan.added.name);
  }
  return usage_error("no lan " + name + did_you_mean(name, names));
}

}  // namespace labreel
