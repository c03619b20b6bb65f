// Frames for tests, written layer by layer.
#pragma once

#include <cstdint>
#include <string>

#include "tests/replay/event_list.h"

namespace labreel::test {

std::string u16(unsigned value);  // big endian
std::string u32(std::uint32_t value);
unsigned internet_checksum(const std::string& bytes);  // RFC 1071

std::string ethernet_frame(unsigned ethertype, const std::string& payload, const std::string& to = from_hex("020000000002"),
                           const std::string& from = from_hex("020000000001"));
// Addresses as text; finished checksum.
std::string ipv4_packet(unsigned protocol, const std::string& from, const std::string& to, const std::string& payload);
std::string ipv6_packet(unsigned next_header, const std::string& from, const std::string& to, const std::string& payload);
// Payloads without checksum (0 for UDP is "none").
std::string udp_datagram(unsigned source, unsigned destination, const std::string& payload);
std::string tcp_segment(unsigned source, unsigned destination, unsigned flags, const std::string& payload = {},
                        std::uint32_t sequence = 1, std::uint32_t acknowledged = 2);
// An echo request with a finished checksum.
std::string ping_frame(const std::string& from, const std::string& to, unsigned sequence);
std::string arp_request(const std::string& from, const std::string& to);

}  // namespace labreel::test
