#include "engine/core/topology.h"

#include <algorithm>

#include "engine/core/topology_check.h"

namespace labreel {
namespace {

template <class Info, class Id>
const Info* entry(const std::vector<Info>& infos, Id id) {
  return index_of(id) < infos.size() ? &infos[index_of(id)] : nullptr;
}

template <class Id>
std::optional<Id> named(const std::map<std::string, Id, std::less<>>& names, std::string_view name) {
  const auto found = names.find(name);
  return found == names.end() ? std::nullopt : std::optional<Id>(found->second);
}

}  // namespace

// Applies an effect that was checked.
struct Topology::Fold {
  Topology& topology;

  NodeInfo& node(NodeId id) const { return topology.nodes_[index_of(id)]; }
  PortInfo& port(PortId id) const { return topology.ports_[index_of(id)]; }
  LanInfo& lan(LanId id) const { return topology.lans_[index_of(id)]; }

  void operator()(const NodeAdded& effect) const {
    topology.nodes_.emplace_back().added = effect;
    topology.nodes_by_name_.emplace(effect.name, effect.node);
  }
  void operator()(const NodeRemoved& effect) const {
    NodeInfo& info = node(effect.node);
    topology.nodes_by_name_.erase(info.added.name);
    info.removed = true;
    info.running = info.paused = false;
  }
  void operator()(const NodeStarted& effect) const { node(effect.node).running = true; }
  void operator()(const NodeStopped& effect) const {
    node(effect.node).running = false;
    node(effect.node).paused = false;
  }
  void operator()(const NodePaused& effect) const { node(effect.node).paused = true; }
  void operator()(const NodeResumed& effect) const { node(effect.node).paused = false; }

  void operator()(const PortAdded& effect) const {
    topology.ports_.emplace_back().added = effect;
    topology.ports_by_name_.emplace(topology.name_of(effect.port), effect.port);
  }
  void operator()(const PortRemoved& effect) const {
    PortInfo& info = port(effect.port);
    topology.take_cable(info);
    topology.ports_by_name_.erase(topology.name_of(effect.port));
    info.removed = true;
  }
  void operator()(const PortUp& effect) const { port(effect.port).up = true; }
  void operator()(const PortDown& effect) const { port(effect.port).up = false; }

  void operator()(const LinkAdded& effect) const {
    topology.links_.emplace_back().added = effect;
    for (std::size_t end = 0; end < 2; ++end) {
      port(effect.ports[end]).link = effect.link;
      port(effect.ports[end]).out = effect.out[end];
    }
  }
  void operator()(const LinkRemoved& effect) const {
    topology.take_cable(port(topology.links_[index_of(effect.link)].added.ports[0]));
  }
  void operator()(const LinkUp& effect) const { set_cable(effect.port, true); }
  void operator()(const LinkDown& effect) const { set_cable(effect.port, false); }
  void set_cable(PortId id, bool up) const {
    port(id).cable_up = up;
    if (const std::optional<PortId> peer = topology.peer_of(id)) port(*peer).cable_up = up;
  }
  void operator()(const LinkChanged& effect) const {
    PortInfo& info = port(effect.port);
    (effect.direction == Direction::out ? info.out : info.in) = effect.settings;
  }

  void operator()(const LanAdded& effect) const {
    topology.lans_.emplace_back().added = effect;
    topology.lans_by_name_.emplace(effect.name, effect.lan);
  }
  void operator()(const LanRemoved& effect) const {
    LanInfo& info = lan(effect.lan);
    while (!info.ports.empty()) topology.take_cable(port(info.ports.back()));
    topology.lans_by_name_.erase(info.added.name);
    info.removed = true;
  }
  void operator()(const LanJoined& effect) const {
    PortInfo& info = port(effect.port);
    info.lan = effect.lan;
    info.out = effect.out;
    info.in = effect.in;
    std::vector<PortId>& ports = lan(effect.lan).ports;
    ports.insert(std::lower_bound(ports.begin(), ports.end(), effect.port), effect.port);
  }
  void operator()(const LanLeft& effect) const { topology.take_cable(port(effect.port)); }

  template <class NoEffect>
  void operator()(const NoEffect&) const {}
};

// Unplugs a port; a link goes with either end. What is left says nothing of the cable that was.
void Topology::take_cable(PortInfo& port) {
  const auto unplug = [](PortInfo& end) {
    end.link.reset();
    end.lan.reset();
    end.out = end.in = CableSettings{};
    end.cable_up = true;
  };
  if (port.link) {
    LinkInfo& link = links_[index_of(*port.link)];
    link.removed = true;
    for (const PortId end : link.added.ports) unplug(ports_[index_of(end)]);
  } else if (port.lan) {
    std::vector<PortId>& joined = lans_[index_of(*port.lan)].ports;
    joined.erase(std::lower_bound(joined.begin(), joined.end(), port.added.port));
    unplug(port);
  }
}

Status Topology::check(const EventBody& effect) const { return check_effect(*this, effect); }

Status Topology::apply(const EventBody& effect) {
  Status fits = check(effect);
  if (fits) std::visit(Fold{*this}, effect);
  return fits;
}

const NodeInfo* Topology::find(NodeId node) const { return entry(nodes_, node); }
const PortInfo* Topology::find(PortId port) const { return entry(ports_, port); }
const LinkInfo* Topology::find(LinkId link) const { return entry(links_, link); }
const LanInfo* Topology::find(LanId lan) const { return entry(lans_, lan); }

std::optional<NodeId> Topology::node_named(std::string_view name) const { return named(nodes_by_name_, name); }
std::optional<LanId> Topology::lan_named(std::string_view name) const { return named(lans_by_name_, name); }
std::optional<PortId> Topology::port_named(std::string_view name) const { return named(ports_by_name_, name); }

std::optional<PortId> Topology::peer_of(PortId port) const {
  const PortInfo* info = find(port);
  if (info == nullptr || !info->link) return std::nullopt;
  const std::array<PortId, 2>& ends = links_[index_of(*info->link)].added.ports;
  return ends[0] == port ? ends[1] : ends[0];
}

// Names have no colon in them, so a node's ports lie together.
bool Topology::has_ports(NodeId node) const {
  const std::string begin = name_of(node) + ":";
  const auto first = ports_by_name_.lower_bound(begin);
  return first != ports_by_name_.end() && first->first.starts_with(begin);
}

std::string Topology::name_of(NodeId node) const {
  const NodeInfo* info = find(node);
  return info == nullptr ? "?" : info->added.name;
}
std::string Topology::name_of(PortId port) const {
  const PortInfo* info = find(port);
  return info == nullptr ? "?" : name_of(info->added.node) + ":" + info->added.name;
}
std::string Topology::name_of(LanId lan) const {
  const LanInfo* info = find(lan);
  return info == nullptr ? "?" : info->added.name;
}

}  // namespace labreel
