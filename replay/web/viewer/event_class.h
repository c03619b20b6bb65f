// EventClass: the few classes of events that a page tells apart by shape, letter and colour.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/core/event.h"

namespace labreel {

enum class EventClass : std::uint8_t { arp, icmp, routing, tcp, udp, l2, other, command, effect, output, note };
inline constexpr std::array<std::string_view, 11> kEventClassWords{
    "arp", "icmp", "routing", "tcp", "udp", "l2", "other", "command", "effect", "output", "note"};

constexpr std::string_view name_of(EventClass of) { return kEventClassWords[static_cast<std::size_t>(of)]; }

// Returns a frame's class by what its headers say: neighbour discovery is as ARP is, routing protocols are routing whatever
// carries them, and l2 is what never leaves a segment (spanning tree, LLDP and others of IEEE 802.2).
EventClass class_of_frame(Bytes frame);

// Returns an event's class.
EventClass class_of(const EventBody& body);

}  // namespace labreel
