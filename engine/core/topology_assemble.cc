// Topology::assemble: a topology from its parts, which may be hostile.
#include <algorithm>

#include "engine/core/topology.h"
#include "engine/core/topology_check.h"

namespace labreel {
namespace {

Error misfit(std::string what) { return Error{.what = "the parts of a topology do not fit: " + std::move(what)}; }

Status check_nodes(const std::vector<NodeInfo>& nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeInfo& node = nodes[i];
    if (index_of(node.added.node) != i) return misfit("a node's id is not its place");
    if (Status name = check_name(node.added.name); !name) return name;
    if (node.paused && !node.running) return misfit("a node is paused that does not run");
    if (node.removed && node.running) return misfit("a node runs that was removed");
  }
  return ok_status();
}

Status check_port(const Topology& topology, const PortInfo& port) {
  const NodeInfo* node = topology.find(port.added.node);
  if (node == nullptr || (node->removed && !port.removed)) return misfit("a port's node is not there");
  if (Status name = check_name(port.added.name); !name) return name;
  if (port.added.mtu > kPortMtuMax) return misfit("an mtu is too large");
  if (port.link && port.lan) return misfit("a port has two cables");
  if (port.link) {
    const LinkInfo* link = topology.find(*port.link);
    if (link == nullptr || link->removed) return misfit("a port's link is not there");
    const auto& ends = link->added.ports;
    if (ends[0] != port.added.port && ends[1] != port.added.port) return misfit("a port's link has other ends");
  } else if (port.lan) {
    const LanInfo* lan = topology.find(*port.lan);
    if (lan == nullptr || lan->removed) return misfit("a port's lan is not there");
    if (!std::binary_search(lan->ports.begin(), lan->ports.end(), port.added.port)) {
      return misfit("a port is not on its lan");
    }
  } else if (!port.cable_up || port.out != CableSettings{}) {
    return misfit("a port has a cable's settings but no cable");
  }
  if (port.removed && (port.link || port.lan)) return misfit("a removed port has a cable");
  if (!port.lan && port.in != CableSettings{}) return misfit("a port has settings that only a lan uses");
  if (Status settings = check_settings(port.out); !settings) return settings;
  return check_settings(port.in);
}

Status check_ports(const Topology& topology) {
  for (std::size_t i = 0; i < topology.ports().size(); ++i) {
    const PortInfo& port = topology.ports()[i];
    if (index_of(port.added.port) != i) return misfit("a port's id is not its place");
    if (Status fits = check_port(topology, port); !fits) return fits;
  }
  return ok_status();
}

Status check_links(const Topology& topology) {
  for (std::size_t i = 0; i < topology.links().size(); ++i) {
    const LinkInfo& link = topology.links()[i];
    if (index_of(link.added.link) != i) return misfit("a link's id is not its place");
    if (link.added.ports[0] == link.added.ports[1]) return misfit("a link joins a port to itself");
    for (std::size_t end = 0; end < 2; ++end) {
      const PortInfo* port = topology.find(link.added.ports[end]);
      if (port == nullptr) return misfit("a link's port never was");
      if (!link.removed && port->link != link.added.link) return misfit("a link's port is not on it");
      if (Status settings = check_settings(link.added.out[end]); !settings) return settings;
    }
    const auto& ends = link.added.ports;
    if (!link.removed && topology.find(ends[0])->cable_up != topology.find(ends[1])->cable_up) {
      return misfit("a link is cut at one end only");
    }
  }
  return ok_status();
}

Status check_lans(const Topology& topology) {
  for (std::size_t i = 0; i < topology.lans().size(); ++i) {
    const LanInfo& lan = topology.lans()[i];
    if (index_of(lan.added.lan) != i) return misfit("a lan's id is not its place");
    if (Status name = check_name(lan.added.name); !name) return name;
    if (lan.removed && !lan.ports.empty()) return misfit("a removed lan has ports");
    for (std::size_t p = 0; p < lan.ports.size(); ++p) {
      const PortInfo* port = topology.find(lan.ports[p]);
      if (port == nullptr || port->lan != lan.added.lan) return misfit("a lan's port is not on it");
      if (p > 0 && !(lan.ports[p - 1] < lan.ports[p])) return misfit("a lan's ports are not in order");
    }
  }
  return ok_status();
}

}  // namespace

Status Topology::index_names() {
  for (const NodeInfo& node : nodes_) {
    if (node.removed) continue;
    if (!nodes_by_name_.emplace(node.added.name, node.added.node).second) return misfit("two nodes have one name");
  }
  for (const LanInfo& lan : lans_) {
    if (lan.removed) continue;
    if (!lans_by_name_.emplace(lan.added.name, lan.added.lan).second) return misfit("two lans have one name");
  }
  for (const PortInfo& port : ports_) {
    if (port.removed) continue;
    if (!ports_by_name_.emplace(name_of(port.added.port), port.added.port).second) {
      return misfit("two ports have one name");
    }
  }
  return ok_status();
}

Result<Topology> Topology::assemble(std::vector<NodeInfo> nodes, std::vector<PortInfo> ports,
                                    std::vector<LinkInfo> links, std::vector<LanInfo> lans) {
  Topology topology;
  topology.nodes_ = std::move(nodes);
  topology.ports_ = std::move(ports);
  topology.links_ = std::move(links);
  topology.lans_ = std::move(lans);
  if (Status fits = check_nodes(topology.nodes_); !fits) return std::move(fits).error();
  if (Status fits = check_lans(topology); !fits) return std::move(fits).error();
  if (Status fits = check_ports(topology); !fits) return std::move(fits).error();
  if (Status fits = check_links(topology); !fits) return std::move(fits).error();
  if (Status fits = topology.index_names(); !fits) return std::move(fits).error();
  return topology;
}

}  // namespace labreel
