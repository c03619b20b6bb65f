// The protocols that summaries know. Each reads its header from `reader` and returns the line without a word about
// truncation: summarise() adds that.
#pragma once

#include <string>
#include <string_view>

#include "replay/address_text.h"
#include "replay/summary/byte_reader.h"

namespace labreel::summary {

// The addresses of the packet that carries a protocol, as text.
struct Addresses {
  std::string from;
  std::string to;
  std::string arrow() const { return from + " → " + to; }
};

// What the type or protocol number of the layer below leads to.
std::string by_ethertype(std::uint16_t ethertype, ByteReader& reader, const Addresses& ethernet);
std::string by_ip_protocol(std::uint8_t protocol, ByteReader& reader, const Addresses& addresses);

std::string arp(ByteReader& reader);
std::string bridge(ByteReader& reader, const Addresses& ethernet);  // IEEE 802.2: spanning tree, IS-IS and others
std::string lldp(ByteReader& reader, const Addresses& ethernet);
std::string ipv4(ByteReader& reader);
std::string ipv6(ByteReader& reader);
std::string icmp(ByteReader& reader, const Addresses& addresses);
std::string icmpv6(ByteReader& reader, const Addresses& addresses);
std::string igmp(ByteReader& reader, const Addresses& addresses);
std::string ospf(ByteReader& reader, const Addresses& addresses);
std::string tcp(ByteReader& reader, const Addresses& addresses);
std::string udp(ByteReader& reader, const Addresses& addresses);
std::string dhcp(ByteReader& reader, const Addresses& addresses);
std::string dns(std::string_view protocol, ByteReader& reader, const Addresses& addresses);
std::string rip(std::string_view protocol, ByteReader& reader, const Addresses& addresses);
std::string bgp(ByteReader& reader, const Addresses& addresses);

}  // namespace labreel::summary
