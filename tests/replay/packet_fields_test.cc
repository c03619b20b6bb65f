#include "replay/packet_fields.h"

#include <catch2/catch.hpp>

#include "tests/replay/event_list.h"
#include "tests/replay/frame_maker.h"

using namespace labreel;
using namespace labreel::test;

TEST_CASE("an IPv4 frame gives its addresses, protocol, ports and payload without padding", "[packet-fields]") {
  const std::string datagram = udp_datagram(1234, 53, "question");
  const std::string frame = ethernet_frame(0x0800, ipv4_packet(17, "10.0.0.1", "10.0.3.2", datagram)) + "padding";
  const auto fields = packet_fields(as_bytes(frame));
  REQUIRE(fields);
  CHECK(fields->ethertype == 0x0800);
  CHECK(address_text(fields->source) == "10.0.0.1");
  CHECK(address_text(fields->destination) == "10.0.3.2");
  CHECK(fields->protocol == 17);
  CHECK(fields->ports == PortPair{1234, 53});
  CHECK(fields->identification);
  CHECK(fields->ttl);
  CHECK_FALSE(fields->fragment);
  CHECK(std::string(reinterpret_cast<const char*>(fields->payload.data()), fields->payload.size()) == datagram);
}

TEST_CASE("IPv6 is read behind its extension headers, and behind VLAN tags", "[packet-fields]") {
  const std::string hop_by_hop = from_hex("06 00 0104 00000000");
  const std::string packet = ipv6_packet(0, "2001:db8::1", "2001:db8::2", hop_by_hop + tcp_segment(179, 4000, 2));
  const std::string tagged = u16(7) + u16(0x86dd) + packet;
  const std::string frame = ethernet_frame(0x8100, tagged);
  const auto fields = packet_fields(as_bytes(frame));
  REQUIRE(fields);
  CHECK(fields->vlan == 7);
  CHECK(fields->ethertype == 0x86dd);
  CHECK(address_text(fields->source) == "2001:db8::1");
  CHECK(fields->protocol == 6);
  CHECK(fields->ports == PortPair{179, 4000});
  CHECK_FALSE(fields->identification);
}

TEST_CASE("a later fragment has no ports", "[packet-fields]") {
  std::string packet = ipv4_packet(17, "10.0.0.1", "10.0.0.2", udp_datagram(1, 2, "12345678"));
  packet[7] = 1;  // 8 bytes in
  const std::string frame = ethernet_frame(0x0800, packet);
  const auto fields = packet_fields(as_bytes(frame));
  REQUIRE(fields);
  CHECK(fields->fragment);
  CHECK(fields->fragment_offset == 8);
  CHECK_FALSE(fields->ports);
}

TEST_CASE("both directions of a conversation have one key, other ports another", "[packet-fields]") {
  const auto key = [](const char* from, unsigned port, const char* to, unsigned to_port) {
    const std::string frame = ethernet_frame(0x0800, ipv4_packet(17, from, to, udp_datagram(port, to_port, "x")));
    return conversation_of(*packet_fields(as_bytes(frame)));
  };
  REQUIRE(key("10.0.0.1", 5, "10.0.0.2", 53));
  CHECK(key("10.0.0.1", 5, "10.0.0.2", 53) == key("10.0.0.2", 53, "10.0.0.1", 5));
  CHECK_FALSE(key("10.0.0.1", 5, "10.0.0.2", 53) == key("10.0.0.1", 53, "10.0.0.2", 5));
  CHECK_FALSE(key("10.0.0.1", 5, "10.0.0.2", 53) == key("10.0.0.1", 6, "10.0.0.2", 53));
  const std::string arp = arp_request("10.0.0.1", "10.0.0.2");
  const auto fields = packet_fields(as_bytes(arp));
  CHECK(fields->arp_operation == 1);
  CHECK(address_text(fields->destination) == "10.0.0.2");
  CHECK_FALSE(conversation_of(*packet_fields(as_bytes(ethernet_frame(0x88cc, "neighbour")))));
}

TEST_CASE("a frame cut at any byte gives only fields that are there", "[packet-fields]") {
  const std::string datagram = udp_datagram(1234, 53, "question");
  const std::string whole = ethernet_frame(0x0800, ipv4_packet(17, "10.0.0.1", "10.0.3.2", datagram));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    const auto fields = packet_fields(as_bytes(cut));
    INFO(size);
    CHECK(fields.has_value() == (size >= 14));
    if (!fields) continue;
    CHECK(fields->ttl.has_value() == (size >= 34));
    CHECK(fields->ports.has_value() == (size >= 38));
    CHECK(fields->payload.size() == (size >= 34 ? size - 34 : 0));
  }
}
