// How the nodes of a lab that do not run came to their ends, as the recording's events tell it.
#pragma once

#include <map>
#include <string>

#include "engine/core/event_log.h"
#include "engine/core/topology.h"

namespace labreel {

// The last end of a node.
//
// Shape: `crashed` if the node died by itself or by the command node.crash; `why` is without the words for that.
// Units: `time` is lab time.
struct NodeEnd {
  Seq seq;
  LabTime time;
  bool crashed = false;
  std::string why;
  bool operator==(const NodeEnd&) const = default;
};
using NodeEnds = std::map<NodeId, NodeEnd>;

// Returns the ends of the nodes that do not run in the lab at `at`; a node that never ran has none. Reads the recording
// backwards from there until it has met each of them.
//
// Errors: none: a node whose end lies behind damage is left out.
NodeEnds node_ends(const EventLog& log, const Topology& topology, Seq at);

}  // namespace labreel
