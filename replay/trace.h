// trace_packet: one packet across the hops where nodes sent it on, each match with its ground, each end with its sentence.
#pragma once

#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/projection/recorded_ports.h"

namespace labreel {

// What one copy of a hop's frame came to, where no later hop goes on from it.
enum class TraceEndKind : std::uint8_t {
  delivered,     // to a node that is the packet's destination
  to_group,      // to one of the many that it was for
  not_for_it,    // to a node that it was not addressed to: flooded
  not_sent_on,   // received, and nothing like it sent on
  not_followed,  // sent on in fragments or inside another packet, or carries another
  uncertain,     // received, and perhaps sent on: the hops that may be it
  dropped,
  in_flight,
  unknown,  // nothing is recorded of who got it
};
std::string_view name_of(TraceEndKind kind);

struct TraceEnd {
  TraceEndKind kind{};
  std::string port;  // where it came to; empty if no receiver was chosen
  LabTime at;
  std::string text;  // a sentence without its full stop
};

// What a hop's frame was before a node sent it on.
struct TraceLink {
  Seq earlier;
  std::string node;
  std::string ground;
  std::string reservation;  // empty: it is that frame; else it only may be, for this reason
  bool certain() const { return reservation.empty(); }
};

struct TraceHop {
  Seq frame;
  bool asked = false;
  std::vector<TraceLink> was;  // one certain link, or all that may be; none where the packet begins
  std::string origin;          // where it begins: a sentence
  std::vector<TraceEnd> ends;
};

struct Trace {
  std::vector<TraceHop> hops;  // in order of seq
  std::string note;            // what was not looked at; empty: nothing
};

inline constexpr std::size_t kTraceHops_max = 256;

// Follows a frame's packet back to where it began, and from there to all that became of it.
//
// Shape:  a tree: what goes to many has an end or a further hop for each. A frame is another one sent on if the node received
//         the one before it sent the other, and it is the same frame (over a bridge in a node), or the same packet with TTL
//         one less (a router), maybe with other addresses or ports (NAT). Where more than one fits, or a ground is missing,
//         it only may be: such hops are named and not followed. `recorded` is what the recording's own lab file says of its
//         ports: the addresses it gives are a ground.
// Errors: Error{usage} for an event that is no frame; damage.
Result<Trace> trace_packet(const EventLog& log, Seq frame, const RecordedPorts& recorded = {});

}  // namespace labreel
