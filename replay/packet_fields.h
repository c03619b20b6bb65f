// The fields of a frame that tell packets apart: addresses, protocol, ports, identification, TTL.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/event.h"

namespace labreel {

enum class AddressFamily : std::uint8_t { none, ipv4, ipv6 };

struct IpAddress {
  AddressFamily family = AddressFamily::none;
  std::array<std::uint8_t, 16> bytes{};  // the first 4 of IPv4
  auto operator<=>(const IpAddress&) const = default;
};
// Returns "10.0.0.1", "fe80::1", or "" for no address.
std::string address_text(const IpAddress& address);

struct PortPair {
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
  bool operator==(const PortPair&) const = default;
};

// Shape: what a frame's headers say, as far as they are there; a field that is not there is none. VLAN tags are passed
//        over: `ethertype` is the inner one, `vlan` the outermost tag's number. ARP has its own addresses in `source`
//        and `destination`. `payload` is what IP carries, without padding, and borrows from the frame.
struct PacketFields {
  MacAddress to{};
  MacAddress from{};
  std::uint16_t ethertype = 0;  // below 0x600: IEEE 802.3's length
  std::optional<std::uint16_t> vlan;
  std::optional<std::uint16_t> arp_operation;
  IpAddress source;
  IpAddress destination;
  std::optional<std::uint8_t> protocol;        // behind IPv6's extension headers
  std::optional<std::uint8_t> ttl;             // of IPv6: the hop limit
  std::optional<std::uint32_t> identification;  // of IPv6: only in fragments
  std::uint32_t flow_label = 0;                // of IPv6
  bool fragment = false;
  std::uint16_t fragment_offset = 0;  // in bytes
  std::optional<PortPair> ports;      // of TCP, UDP and SCTP; not in later fragments
  Bytes payload;
};

// Reads a frame's headers. Errors: none if the Ethernet header is not wholly there; any other bytes give fields.
// Source: RFC 791, RFC 8200, RFC 826, IEEE 802.1Q.
std::optional<PacketFields> packet_fields(Bytes frame);

// Who talks with whom: both directions have the same key. Fragments behind the first have no ports, and so another key.
struct ConversationKey {
  struct End {
    IpAddress address;
    std::uint16_t port = 0;
    auto operator<=>(const End&) const = default;
  };
  std::uint16_t ethertype = 0;
  std::uint8_t protocol = 0;
  std::array<End, 2> ends;  // the lower first
  auto operator<=>(const ConversationKey&) const = default;
};
// None for a frame without network addresses.
std::optional<ConversationKey> conversation_of(const PacketFields& fields);

}  // namespace labreel
