// Pseudonyms: prefixes in common, classes of addresses, checksums; and nothing of the payload.
#include <arpa/inet.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <set>

#include "replay/anonymise/anonymise_frame.h"
#include "tests/replay/frame_maker.h"

namespace labreel::test {
namespace {

PseudonymKey key_of(const std::string& hex = "000102030405060708090a0b0c0d0e0f") {
  const auto key = parse_pseudonym_key(hex);
  REQUIRE(key.ok());
  return *key;
}

template <std::size_t size>
std::array<std::byte, size> bytes_of(const std::string& text) {
  REQUIRE(text.size() == size);
  std::array<std::byte, size> bytes{};
  std::memcpy(bytes.data(), text.data(), size);
  return bytes;
}
template <std::size_t size>
std::string text_of(const std::array<std::byte, size>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string raw4(const std::string& text) {
  std::string bytes(4, '\0');
  REQUIRE(::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1);
  return bytes;
}
std::string raw6(const std::string& text) {
  std::string bytes(16, '\0');
  REQUIRE(::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1);
  return bytes;
}
std::string v4(Pseudonyms& pseudonyms, const std::string& raw) {
  auto bytes = bytes_of<4>(raw);
  pseudonyms.ipv4(bytes);
  return text_of(bytes);
}
std::string v6(Pseudonyms& pseudonyms, const std::string& raw) {
  auto bytes = bytes_of<16>(raw);
  pseudonyms.ipv6(bytes);
  return text_of(bytes);
}
std::string mac(Pseudonyms& pseudonyms, const std::string& raw) {
  auto bytes = bytes_of<6>(raw);
  pseudonyms.mac(bytes);
  return text_of(bytes);
}

std::size_t common_bits(const std::string& a, const std::string& b) {
  std::size_t bits = 0;
  while (bits < 8 * a.size() && ((a[bits / 8] ^ b[bits / 8]) >> (7 - bits % 8) & 1) == 0) ++bits;
  return bits;
}

// The sum over a range that a right checksum makes 0xFFFF.
unsigned sum_of(const std::string& bytes) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<unsigned char>(bytes[i]) * 256U +
           (i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0U);
  }
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum;
}

std::string anonymised(const std::string& frame, Pseudonyms& pseudonyms) {
  return anonymise_frame({reinterpret_cast<const std::byte*>(frame.data()), frame.size()}, pseudonyms);
}

}  // namespace

TEST_CASE("pseudonyms have exactly the prefixes in common that the addresses have", "[anonymise]") {
  Pseudonyms pseudonyms{key_of()};
  std::mt19937 dice{3};
  std::vector<std::string> some4;
  std::vector<std::string> some6;
  for (int i = 0; i < 150; ++i) {
    std::string four(4, '\0');
    std::string sixteen(16, '\0');
    for (char& byte : four) byte = static_cast<char>(dice());
    for (char& byte : sixteen) byte = static_cast<char>(dice());
    sixteen[0] = 0x20;
    // Neighbours of one that is there: long prefixes in common.
    if (i % 3 != 0) {
      four = some4.back();
      four[dice() % 4] = static_cast<char>(dice());
      sixteen = some6.back();
      sixteen[1 + dice() % 15] = static_cast<char>(dice());
    }
    some4.push_back(four);
    some6.push_back(sixteen);
  }
  for (std::size_t i = 0; i < some4.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      REQUIRE(common_bits(v4(pseudonyms, some4[i]), v4(pseudonyms, some4[k])) == common_bits(some4[i], some4[k]));
      REQUIRE(common_bits(v6(pseudonyms, some6[i]), v6(pseudonyms, some6[k])) == common_bits(some6[i], some6[k]));
    }
  }
}

TEST_CASE("one key always gives the same pseudonyms, another key others", "[anonymise]") {
  Pseudonyms one{key_of()};
  Pseudonyms again{key_of()};
  Pseudonyms other{key_of("ffffffffffffffffffffffffffffffff")};
  const std::string address = raw4("192.168.17.34");
  CHECK(v4(one, address) == v4(again, address));
  CHECK(v4(one, address) != v4(other, address));
  CHECK(v4(one, address) != address);
  CHECK_FALSE(parse_pseudonym_key("0011").ok());
  CHECK_FALSE(parse_pseudonym_key("zz0102030405060708090a0b0c0d0e0f").ok());
  CHECK(random_pseudonym_key() != random_pseudonym_key());
}

TEST_CASE("addresses stay of their kind, and groups, loopback and nobody stay as they are", "[anonymise]") {
  Pseudonyms pseudonyms{key_of()};
  for (const char* kept : {"0.0.0.0", "127.0.0.1", "224.0.0.5", "239.1.2.3", "255.255.255.255"}) {
    CHECK(v4(pseudonyms, raw4(kept)) == raw4(kept));
  }
  for (const char* kept : {"::", "::1", "ff02::1", "ff02::5", "ff05::2"})
    CHECK(v6(pseudonyms, raw6(kept)) == raw6(kept));
  const auto check_stays_in = [&](const std::string& address, std::size_t bits) {
    const std::string pseudonym = v4(pseudonyms, raw4(address));
    CAPTURE(address);
    CHECK(common_bits(pseudonym, raw4(address)) >= bits);
    CHECK(pseudonym != raw4(address));
  };
  check_stays_in("10.1.2.3", 8);
  check_stays_in("172.20.1.1", 12);
  check_stays_in("192.168.3.4", 16);
  check_stays_in("169.254.7.8", 16);
  CHECK(common_bits(v6(pseudonyms, raw6("fe80::1234")), raw6("fe80::1234")) >= 64);
  CHECK(common_bits(v6(pseudonyms, raw6("fd00:1::1")), raw6("fd00:1::1")) >= 7);
  // No public address becomes a special one.
  std::mt19937 dice{5};
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = "203." + std::to_string(dice() % 256) + "." + std::to_string(dice() % 256) + ".9";
    const auto first = static_cast<unsigned char>(v4(pseudonyms, raw4(text))[0]);
    CHECK((first >= 192 && first < 224));
  }
}

TEST_CASE("MAC pseudonyms keep the group and local bits, and fit solicited-node groups and link-local addresses",
          "[anonymise]") {
  Pseudonyms pseudonyms{key_of()};
  for (const char* kept : {"ffffffffffff", "01005e000005", "0180c2000000", "333300000001", "000000000000"}) {
    CHECK(mac(pseudonyms, from_hex(kept)) == from_hex(kept));
  }
  std::set<std::string> seen;
  for (unsigned i = 0; i < 500; ++i) {
    const std::string address = from_hex(i % 2 == 0 ? "0200aa" : "0010bb") + u32(i).substr(1);
    const std::string pseudonym = mac(pseudonyms, address);
    CHECK((pseudonym[0] & 3) == (address[0] & 3));
    CHECK(pseudonym != address);
    CHECK(seen.insert(pseudonym).second);
  }
  const std::string own = mac(pseudonyms, from_hex("020000123456"));
  const std::string group = mac(pseudonyms, from_hex("3333ff123456"));
  const std::string node_group = v6(pseudonyms, raw6("ff02::1:ff12:3456"));
  const std::string global = v6(pseudonyms, raw6("2001:db8::12:3456"));
  const std::string local = v6(pseudonyms, raw6("fe80::ff:fe12:3456"));
  for (const std::string& other : {group, node_group, global, local})
    CHECK(other.substr(other.size() - 3) == own.substr(3));
  CHECK(node_group.substr(0, 13) == raw6("ff02::1:ff00:0").substr(0, 13));
  CHECK(local.substr(8, 3) == std::string{static_cast<char>(own[0] ^ 2), own[1], own[2]});
  CHECK(common_bits(global, raw6("2001:db8::")) >= 32);
}

TEST_CASE("payloads are cut off behind the headers, whatever the protocol", "[anonymise]") {
  Pseudonyms pseudonyms{key_of()};
  const std::string secret = "this is the payload";
  const std::string udp = anonymised(
      ethernet_frame(0x0800, ipv4_packet(17, "10.0.0.1", "10.0.0.2", udp_datagram(5000, 53, secret))), pseudonyms);
  CHECK(udp.size() == 14 + 20 + 8);
  const std::string tcp = anonymised(
      ethernet_frame(0x0800, ipv4_packet(6, "10.0.0.1", "10.0.0.2", tcp_segment(5000, 80, 0x18, secret))), pseudonyms);
  CHECK(tcp.size() == 14 + 20 + 20);
  CHECK(anonymised(ethernet_frame(0x88B5, secret), pseudonyms).size() == 14);
  CHECK(anonymised(ethernet_frame(0x0800, ipv4_packet(47, "10.0.0.1", "10.0.0.2", secret)), pseudonyms).size() == 34);
  CHECK(anonymised("short", pseudonyms).empty());
}

TEST_CASE("the checksum of an IP header fits its pseudonyms, also with options", "[anonymise]") {
  Pseudonyms pseudonyms{key_of()};
  const std::string frame = ethernet_frame(0x0800, ipv4_packet(17, "10.0.0.1", "192.168.3.4", udp_datagram(1, 2, "x")));
  REQUIRE(sum_of(frame.substr(14, 20)) == 0xFFFF);
  const std::string out = anonymised(frame, pseudonyms);
  CHECK(sum_of(out.substr(14, 20)) == 0xFFFF);
  CHECK(out.substr(26, 4) == v4(pseudonyms, raw4("10.0.0.1")));
  CHECK(out.substr(30, 4) == v4(pseudonyms, raw4("192.168.3.4")));
}

TEST_CASE("an ICMP echo's checksum stays as it is, and an error's quoted packet is anonymised", "[anonymise]") {
  Pseudonyms pseudonyms{key_of()};
  const std::string quoted = ipv4_packet(17, "10.0.0.1", "10.9.9.9", udp_datagram(33434, 53, ""));
  std::string error = std::string{11, 0} + u16(0) + u32(0) + quoted;
  const unsigned checksum = ~sum_of(error) & 0xFFFF;
  error.replace(2, 2, u16(checksum));
  const std::string out = anonymised(ethernet_frame(0x0800, ipv4_packet(1, "10.5.5.5", "10.0.0.1", error)), pseudonyms);
  REQUIRE(out.size() == 14 + 20 + error.size());
  CHECK(sum_of(out.substr(34)) == 0xFFFF);
  CHECK(sum_of(out.substr(42, 20)) == 0xFFFF);
  CHECK(out.find(raw4("10.0.0.1")) == std::string::npos);
  CHECK(out.find(raw4("10.9.9.9")) == std::string::npos);
  CHECK(out.substr(54, 4) == out.substr(30, 4));  // the same host, in and outside
}

TEST_CASE("ARP has the pseudonyms of its hosts, and any bytes are anonymised without harm", "[anonymise]") {
  Pseudonyms pseudonyms{key_of()};
  const std::string arp = anonymised(arp_request("10.0.0.1", "10.0.0.2"), pseudonyms);
  CHECK(arp.size() == 14 + 28);
  CHECK(arp.substr(28, 4) == v4(pseudonyms, raw4("10.0.0.1")));
  CHECK(arp.substr(38, 4) == v4(pseudonyms, raw4("10.0.0.2")));
  std::mt19937 dice{9};
  const std::string good = ethernet_frame(
      0x86DD,
      ipv6_packet(
          58, "fe80::1", "ff02::1",
          from_hex(
              "8600000040000000000000000000000003044040000000000000000000000000fd000000000000000000000000000000")));
  for (int i = 0; i < 20'000; ++i) {
    std::string frame =
        i % 2 == 0
            ? good
            : ethernet_frame(0x0800, ipv4_packet(dice() % 2 == 0 ? 89 : 6, "10.0.0.1", "10.0.0.2", std::string(60, 2)));
    for (int flips = 0; flips < 4; ++flips) frame[12 + dice() % (frame.size() - 12)] = static_cast<char>(dice());
    frame.resize(dice() % (frame.size() + 1));
    CHECK(anonymised(frame, pseudonyms).size() <= frame.size());
  }
}

}  // namespace labreel::test
