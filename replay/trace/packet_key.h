// PacketKey: what stays the same in a packet wherever it goes, also through a device that translates addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "replay/packet_fields.h"
#include "replay/trace/sightings.h"

namespace labreel {

// Shape:  of an IP packet its protocol, identification (of IPv6: flow label) and payload, without ports, echo identifiers
//         and checksums; of any other frame its addresses and all behind its VLAN tags.
struct PacketKey {
  bool is_ip = false;
  MacAddress to{};  // of a frame without IP
  MacAddress from{};
  std::uint16_t ethertype = 0;
  std::optional<std::uint8_t> protocol;
  std::optional<std::uint32_t> identification;
  std::uint32_t flow_label = 0;
  std::uint16_t fragment_offset = 0;
  std::vector<std::byte> payload;
  bool cut_short = false;  // by --lossy: the payload goes on

  // Where one was cut short, the start of the payload must do.
  bool is_same(const PacketKey& other) const;
  std::string words() const;
};

// A frame as both. None if its Ethernet header is not wholly there.
struct KeyedFrame {
  PacketKey key;
  PacketFields fields;
  Translated translated;
};
std::optional<KeyedFrame> keyed_frame(const Frame& frame);

// Returns what an IP packet carries that is not followed into, such as "GRE"; empty if nothing.
std::string tunnel_name(const PacketFields& fields);

}  // namespace labreel
