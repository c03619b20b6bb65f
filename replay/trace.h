// trace_packet: one packet across the hops where nodes sent it on, each match with its ground.
#pragma once

#include <string>
#include <vector>

#include "engine/core/result.h"
#include "replay/event_source.h"

namespace labreel {

struct TraceHop {
  Seq frame;
  Seq from;  // the hop that led here, or that this one leads to; none for the frame that was asked for
  std::string ground;
  bool ambiguous = false;  // another frame fits as well: neither is followed further
};

// Follows a frame's packet both ways.
//
// Shape:  hops in order of seq, the asked-for frame among them. A frame continues another if it has the same source,
//         destination, protocol, identification and payload, its TTL is one less (or the same, with the same MAC
//         addresses, over a bridge in a node), and the node that sent it had a copy of the other one delivered before.
//         Two frames of one node that fit are both told, as ambiguous.
// Errors: Error{usage} for an event that is no frame or carries no IP packet; damage.
Result<std::vector<TraceHop>> trace_packet(const EventLog& log, Seq frame);

}  // namespace labreel
