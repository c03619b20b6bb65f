// HopLinks: which frame that a node sent is one that it had received, how sure that is, and by what ground.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "replay/trace/sightings.h"

namespace labreel {

// How a later frame may be an earlier one.
enum class Relation : std::uint8_t {
  none,
  bridged,     // the same frame, but for a VLAN tag
  routed,      // the same packet, TTL one less
  translated,  // TTL one less, other addresses or ports: NAT
};

// One frame that a node may have sent on, as another.
struct HopLink {
  const Sighting* earlier = nullptr;
  const Sighting* later = nullptr;
  Relation relation = Relation::none;
  std::string reservation;  // why it only may be; empty: it is
  bool certain() const { return reservation.empty(); }
};

// Shape: certain is a link only where nothing else fits: the node received the one before it sent the other, by turns if there
//        are several alike; it was addressed to the node; where addresses were translated, no other frame like it came to the
//        node or left it, and the checksum moved with the addresses. Borrows from the sightings.
class HopLinks {
 public:
  explicit HopLinks(const Sightings& found);

  // What the frame may be that the node received before: one certain link, or all that are not.
  std::vector<HopLink> before(const Sighting& later) const;
  // What a node may have sent it on as.
  std::vector<HopLink> after(const Sighting& earlier, NodeId node) const;

 private:
  // A frame that came to a node.
  struct Arrival {
    const Sighting* frame;
    PortId port;
    LabTime at;
  };
  using Arrivals = std::vector<Arrival>;
  using Sent = std::vector<const Sighting*>;

  const Arrivals& arrivals_at(NodeId node) const;
  const Sent& sent_by(NodeId node) const;
  HopLink link(const Arrival& arrival, const Sighting& later) const;
  std::string reservation(const Arrival& arrival, const Sighting& later, Relation relation) const;
  std::string others_fit(const Arrival& arrival, const Sighting& later, Relation relation) const;
  bool in_turn(const Sighting& earlier, const Sighting& later) const;

  const Sightings& found_;
  std::unordered_map<std::uint32_t, Arrivals> arrivals_;  // by time
  std::unordered_map<std::uint32_t, Sent> sent_;          // by seq
};

// Returns why the two are one, "same IP id 7 and same payload (40 bytes), TTL 64 to 63; r1 received 5 and sent 7".
std::string ground_text(const Sightings& found, const HopLink& link);

}  // namespace labreel
