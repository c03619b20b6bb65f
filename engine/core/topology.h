// Topology: the nodes, ports, links and lans of a lab at one moment, as the fold of its effects.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// What is known of each thing. A removed one keeps its entry, so that old events can still name it.
struct NodeInfo {
  NodeAdded added;
  bool running = false;
  bool paused = false;
  bool removed = false;
};
struct PortInfo {
  PortAdded added;
  bool up = true;
  bool cable_up = true;           // the cable is not cut
  bool removed = false;
  std::optional<LinkId> link;
  std::optional<LanId> lan;
  CableSettings out;              // what the port sends into
  CableSettings in;               // used only on a lan; on a link it is the peer's `out`
};
struct LinkInfo {
  LinkAdded added;
  bool removed = false;
};
struct LanInfo {
  LanAdded added;
  std::vector<PortId> ports;  // ordered by id
  bool removed = false;
};

// The lab's shape at a position.
//
// Shape: removing takes along what cannot stay: port.removed takes the port's cable (its link, or its place on the lan),
//        lan.removed takes every port off the lan. A node goes only after its ports. Saying again what already holds
//        (port.up, port.down, link.up, link.down, node.stopped) is accepted and changes nothing.
class Topology {
 public:
  // Rebuilds a topology from what nodes(), ports(), links() and lans() gave.
  //
  // Errors: parts that do not fit each other; they may come from a damaged or hostile reel.
  static Result<Topology> assemble(std::vector<NodeInfo> nodes, std::vector<PortInfo> ports,
                                   std::vector<LinkInfo> links, std::vector<LanInfo> lans);

  // Applies one effect; other kinds of events are ignored.
  //
  // Errors: an effect that names what is not there, or adds what is: nothing is changed then. Effects may come from
  //         a damaged or hostile reel, so this never aborts.
  Status apply(const EventBody& effect);
  // Says whether apply() would accept the effect.
  Status check(const EventBody& effect) const;

  const std::vector<NodeInfo>& nodes() const { return nodes_; }  // indexed by id
  const std::vector<PortInfo>& ports() const { return ports_; }
  const std::vector<LinkInfo>& links() const { return links_; }
  const std::vector<LanInfo>& lans() const { return lans_; }

  // Find by name among what is not removed.
  std::optional<NodeId> node_named(std::string_view name) const;
  std::optional<LanId> lan_named(std::string_view name) const;
  std::optional<PortId> port_named(std::string_view node_colon_port) const;
  // The port at the other end of a link, if the port is on one.
  std::optional<PortId> peer_of(PortId port) const;
  // Says whether a node that is there has ports.
  bool has_ports(NodeId node) const;
  // The ids that the next thing added must have.
  NodeId next_node() const { return NodeId{static_cast<std::uint32_t>(nodes_.size())}; }
  PortId next_port() const { return PortId{static_cast<std::uint32_t>(ports_.size())}; }
  LinkId next_link() const { return LinkId{static_cast<std::uint32_t>(links_.size())}; }
  LanId next_lan() const { return LanId{static_cast<std::uint32_t>(lans_.size())}; }

  // The entry of an id that may never have been given, or nothing; also of what was removed.
  const NodeInfo* find(NodeId node) const;
  const PortInfo* find(PortId port) const;
  const LinkInfo* find(LinkId link) const;
  const LanInfo* find(LanId lan) const;

  // Names for people, also of what was removed; an id that never was gives "?".
  std::string name_of(NodeId node) const;
  std::string name_of(PortId port) const;  // "r1:eth1"
  std::string name_of(LanId lan) const;

 private:
  struct Fold;
  void take_cable(PortInfo& port);
  Status index_names();

  std::vector<NodeInfo> nodes_;
  std::vector<PortInfo> ports_;
  std::vector<LinkInfo> links_;
  std::vector<LanInfo> lans_;
  std::map<std::string, NodeId, std::less<>> nodes_by_name_;
  std::map<std::string, LanId, std::less<>> lans_by_name_;
  std::map<std::string, PortId, std::less<>> ports_by_name_;
};

}  // namespace labreel
