#include "replay/frame_fields.h"

namespace labreel {
namespace {

// A link, or a lan: on it a packet passes once.
std::uint64_t cable_of(PortId id, const Topology& topology) {
  constexpr std::uint64_t kLink = std::uint64_t{1} << 32U, kLan = std::uint64_t{2} << 32U;
  const PortInfo* const port = topology.find(id);
  if (port != nullptr && port->link) return kLink | index_of(*port->link);
  if (port != nullptr && port->lan) return kLan | index_of(*port->lan);
  return index_of(id);
}

}  // namespace

DecodedFrame FrameFields::of(const Event& event, const Frame& frame, const Topology& topology) {
  DecodedFrame decoded = decode_frame(frame.bytes);
  follower_.follow(decoded, frame.bytes, event.time.ns, cable_of(frame.port, topology));
  return decoded;
}

}  // namespace labreel
