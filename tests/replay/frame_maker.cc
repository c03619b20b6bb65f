#include "tests/replay/frame_maker.h"

#include <arpa/inet.h>

#include <catch2/catch.hpp>

namespace labreel::test {
namespace {

std::string address(int family, const std::string& text) {
  std::string bytes(family == AF_INET ? 4 : 16, '\0');
  REQUIRE(::inet_pton(family, text.c_str(), bytes.data()) == 1);
  return bytes;
}

}  // namespace

unsigned internet_checksum(const std::string& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    sum += i % 2 == 0 ? std::uint32_t{byte} << 8U : byte;
  }
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return ~sum & 0xffffU;
}

std::string u16(unsigned value) { return {static_cast<char>(value >> 8U & 0xffU), static_cast<char>(value & 0xffU)}; }
std::string u32(std::uint32_t value) { return u16(value >> 16U) + u16(value & 0xffffU); }

std::string ethernet_frame(unsigned ethertype, const std::string& payload, const std::string& to,
                           const std::string& from) {
  return to + from + u16(ethertype) + payload;
}

std::string ipv4_packet(unsigned protocol, const std::string& from, const std::string& to, const std::string& payload) {
  const auto length = static_cast<unsigned>(20 + payload.size());
  const std::string start = from_hex("45 00") + u16(length) + from_hex("00 01 40 00 40") + static_cast<char>(protocol);
  const std::string addresses = address(AF_INET, from) + address(AF_INET, to);
  return start + u16(internet_checksum(start + u16(0) + addresses)) + addresses + payload;
}

std::string ipv6_packet(unsigned next_header, const std::string& from, const std::string& to, const std::string& payload) {
  return from_hex("60 00 00 00") + u16(static_cast<unsigned>(payload.size())) + static_cast<char>(next_header) + '\x40' +
         address(AF_INET6, from) + address(AF_INET6, to) + payload;
}

std::string udp_datagram(unsigned source, unsigned destination, const std::string& payload) {
  return u16(source) + u16(destination) + u16(static_cast<unsigned>(8 + payload.size())) + u16(0) + payload;
}

std::string tcp_segment(unsigned source, unsigned destination, unsigned flags, const std::string& payload,
                        std::uint32_t sequence, std::uint32_t acknowledged) {
  return u16(source) + u16(destination) + u32(sequence) + u32(acknowledged) + '\x50' + static_cast<char>(flags) +
         u16(64240) + u32(0) + payload;
}

std::string ping_frame(const std::string& from, const std::string& to, unsigned sequence) {
  const std::string rest = u16(0x1234) + u16(sequence) + std::string(40, 'p');
  const std::string echo = from_hex("08 00") + u16(internet_checksum(from_hex("08 00 00 00") + rest)) + rest;
  return ethernet_frame(0x0800, ipv4_packet(1, from, to, echo));
}

std::string arp_request(const std::string& from, const std::string& to) {
  return ethernet_frame(0x0806,
                        from_hex("0001 0800 06 04 0001 020000000001") + address(AF_INET, from) + std::string(6, '\0') +
                            address(AF_INET, to),
                        std::string(6, '\xff'));
}

}  // namespace labreel::test
