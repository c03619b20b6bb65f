// LabEdges: which drops only come of a lab's start and stop, and so are no finding.
#pragma once

#include <map>
#include <set>

#include "engine/core/event.h"

namespace labreel {

enum class Edge : std::uint8_t { none, start, stop };

// "start", "stop"; empty for none.
std::string_view name_of(Edge edge);

// Shape: follow() every event in order, then ask of those that it drops. At the start: for a node that had not started
//        yet. At the stop: refused by a node, for a stopped one, or in flight, once labreel stops the lab's nodes.
class LabEdges {
 public:
  void follow(const Event& event);
  // Of a copy for `receiver` that the event which was followed last drops, at once or as an outcome.
  Edge of(Reason reason, PortId receiver) const;

 private:
  bool is_stopping_ = false;
  std::set<NodeId> started_;  // in this run
  std::map<PortId, NodeId> node_of_;
};

}  // namespace labreel
