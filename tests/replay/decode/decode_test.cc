// Layers and fields of frames: which there are, that each lies in its frame, whatever the frame.
#include "replay/decode/decode.h"

#include <catch2/catch.hpp>
#include <random>

#include "engine/text/json_reader.h"
#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "replay/address_text.h"
#include "replay/decode/layer_text.h"
#include "replay/decode/tcp_follower.h"
#include "tests/replay/frame_maker.h"

using namespace labreel;
using namespace labreel::test;

namespace {

std::string layers_of(const DecodedFrame& frame) {
  std::string names;
  for (const Layer& layer : frame.layers) names += (names.empty() ? "" : " ") + layer.name;
  return names;
}

// "value@offset+length" of the first field with that name, or "".
std::string field(const DecodedFrame& frame, std::string_view name) {
  for (const Layer& layer : frame.layers) {
    for (const Field& one : layer.fields) {
      if (one.name == name) return one.value + "@" + std::to_string(one.offset) + "+" + std::to_string(one.length);
    }
  }
  return {};
}

bool lies_inside(const DecodedFrame& decoded, std::size_t size) {
  std::uint32_t behind = 0;
  for (const Layer& layer : decoded.layers) {
    if (layer.offset < behind) return false;
    behind = layer.offset + layer.length;
    if (behind > size) return false;
    for (const Field& one : layer.fields) {
      if (one.offset < layer.offset || one.offset + one.length > behind || printable(one.value) != one.value) return false;
    }
  }
  return true;
}

std::string from_words(std::initializer_list<const char*> words) {
  std::string bytes;
  for (const char* const word : words) bytes += from_hex(word);
  return bytes;
}

const std::string kSegment = tcp_segment(40000, 22, 0x12, "hello");

}  // namespace

TEST_CASE("a ping is Ethernet, IPv4, ICMP and data, with the bytes of each field", "[decode]") {
  const std::string frame = ping_frame("10.0.0.1", "10.0.0.2", 7);
  const DecodedFrame decoded = decode_frame(as_bytes(frame));
  CHECK(layers_of(decoded).starts_with("eth ip icmp"));
  CHECK(field(decoded, "eth.type") == "0x0800 (IPv4)@12+2");
  CHECK(field(decoded, "ip.src") == "10.0.0.1@26+4");
  CHECK(field(decoded, "ip.dst") == "10.0.0.2@30+4");
  CHECK(field(decoded, "ip.hdr_len") == "20@14+1");
  CHECK(field(decoded, "ip.proto") == "1 (ICMP)@23+1");
  CHECK(field(decoded, "icmp.type") == "8 (Echo (ping) request)@34+1");
  CHECK(field(decoded, "icmp.seq") == "7@40+2");
}

TEST_CASE("VLAN tags are layers, and those of a frame full of tags are counted", "[decode]") {
  const std::string inner = from_hex("0800") + ipv4_packet(17, "10.0.0.1", "10.0.0.2", udp_datagram(1000, 2000, "hello"));
  const DecodedFrame decoded = decode_frame(as_bytes(ethernet_frame(0x8100, from_hex("6064") + inner)));
  CHECK(layers_of(decoded) == "eth vlan ip udp data");
  CHECK(field(decoded, "vlan.id") == "100@14+2");
  CHECK(field(decoded, "vlan.priority") == "3 (Critical Applications)@14+1");
  CHECK(field(decoded, "data.data") == "68:65:6c:6c:6f@46+5");
  std::string tags;
  for (int i = 0; i < 300; ++i) tags += from_hex("00018100");
  const DecodedFrame full = decode_frame(as_bytes(ethernet_frame(0x8100, tags)));
  CHECK(full.layers.size() == 64);
  CHECK(lies_inside(full, 14 + tags.size()));
}

TEST_CASE("only the first fragment has ports", "[decode]") {
  std::string packet = ipv4_packet(6, "10.0.0.1", "10.0.0.2", kSegment);
  packet[6] = '\x20';  // more fragments
  CHECK(layers_of(decode_frame(as_bytes(ethernet_frame(0x0800, packet)))) == "eth ip tcp data");
  packet[6] = '\x00';
  packet[7] = '\x05';
  const DecodedFrame later = decode_frame(as_bytes(ethernet_frame(0x0800, packet)));
  CHECK(layers_of(later) == "eth ip data");
  CHECK(field(later, "ip.frag_offset") == "5@20+2");
}

TEST_CASE("extension headers of IPv6 are layers before what they lead to", "[decode]") {
  const std::string hop_by_hop = from_hex("2c00050200000100");
  const std::string first = from_hex("0600000100000007") + kSegment;
  const std::string frame = ethernet_frame(0x86dd, ipv6_packet(0, "fe80::1", "fe80::2", hop_by_hop + first));
  const DecodedFrame decoded = decode_frame(as_bytes(frame));
  CHECK(layers_of(decoded) == "eth ipv6 ipv6.hopopts ipv6.fraghdr tcp data");
  CHECK(field(decoded, "ipv6.opt.router_alert") == "0 (MLD)@58+2");
  CHECK(field(decoded, "ipv6.fraghdr.more") == "1@65+1");
  CHECK(field(decoded, "ipv6.fraghdr.ident") == "0x00000007@66+4");
  const std::string later = from_hex("0600000b00000007") + kSegment;
  CHECK(layers_of(decode_frame(as_bytes(ethernet_frame(0x86dd, ipv6_packet(44, "fe80::1", "fe80::2", later))))) ==
        "eth ipv6 ipv6.fraghdr data");
}

TEST_CASE("an ICMP error shows the packet that it quotes", "[decode]") {
  const std::string quoted = ipv4_packet(17, "10.0.0.1", "10.0.0.9", udp_datagram(1000, 2000, ""));
  const std::string error = from_hex("0303000000000000") + quoted;
  const DecodedFrame decoded = decode_frame(as_bytes(ethernet_frame(0x0800, ipv4_packet(1, "10.0.0.9", "10.0.0.1", error))));
  CHECK(layers_of(decoded) == "eth ip icmp ip udp");
  CHECK(field(decoded, "icmp.code") == "3 (Port unreachable)@35+1");
  CHECK(field(decoded, "udp.dstport") == "2000@64+2");
}

TEST_CASE("what stands behind the packet is the trailer", "[decode]") {
  const std::string arp = arp_request("10.0.0.1", "10.0.0.2");
  const DecodedFrame padded = decode_frame(as_bytes(arp + std::string(60 - arp.size(), '\0')));
  CHECK(layers_of(padded) == "eth arp eth.trailer");
  CHECK(field(padded, "eth.padding").ends_with("@42+18"));
  const DecodedFrame longer = decode_frame(as_bytes(ping_frame("10.0.0.1", "10.0.0.2", 1) + std::string(40, 'x')));
  CHECK(!field(longer, "eth.trailer").empty());
}

TEST_CASE("a frame that is cut anywhere has the fields that are there, and says that some are not", "[decode]") {
  const std::string frame = ethernet_frame(0x0800, ipv4_packet(6, "10.0.0.1", "10.0.0.2", kSegment));
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const DecodedFrame decoded = decode_frame(as_bytes(frame.substr(0, size)));
    CHECK(lies_inside(decoded, size));
    bool says_so = false;
    for (const Layer& layer : decoded.layers) says_so = says_so || layer.title.ends_with("[truncated]");
    CHECK((says_so || size == 14));
  }
}

TEST_CASE("any bytes give fields that lie in their frame", "[decode]") {
  std::mt19937 random{5};
  const std::string start = ethernet_frame(0x0800, ipv4_packet(6, "10.0.0.1", "10.0.0.2", tcp_segment(179, 80, 0x18, std::string(300, '\xff'))));
  for (int i = 0; i < 3000; ++i) {
    std::string frame = start;
    for (int change = 0; change < 8; ++change) frame[random() % frame.size()] = static_cast<char>(random());
    CHECK(lies_inside(decode_frame(as_bytes(frame)), frame.size()));
  }
}

TEST_CASE("layers are written as JSON", "[decode]") {
  JsonWriter json;
  json.begin_object();
  write_layers(json, decode_frame(as_bytes(arp_request("10.0.0.1", "10.0.0.2"))));
  json.end_object();
  const auto read = read_json(json.take());
  REQUIRE(read.ok());
  const JsonValue& eth = read->find("layers")->elements().at(0);
  CHECK(eth.text_of("name") == "eth");
  CHECK(eth.number_of<int>("length") == 14);
  const JsonValue& destination = eth.find("fields")->elements().at(0);
  CHECK(destination.text_of("name") == "eth.dst");
  CHECK(destination.text_of("label") == "Destination");
  CHECK(destination.number_of<int>("offset") == 0);
  CHECK(destination.number_of<int>("level") == 0);
}

TEST_CASE("addresses of IPv6 are written as inet_ntop writes them", "[decode]") {
  const auto text = [](std::initializer_list<const char*> words) {
    const std::string bytes = from_words(words);
    return ipv6_address(as_bytes(bytes));
  };
  CHECK(text({"00000000", "00000000", "00000000", "00000000"}) == "::");
  CHECK(text({"00000000", "00000000", "00000000", "00000001"}) == "::1");
  CHECK(text({"20010db8", "00000000", "00010000", "00000001"}) == "2001:db8::1:0:0:1");
  CHECK(text({"20010db8", "00000001", "00010001", "00010001"}) == "2001:db8:0:1:1:1:1:1");
  CHECK(text({"fe800000", "00000000", "00000000", "00000000"}) == "fe80::");
  CHECK(text({"00000000", "00000000", "0000ffff", "0a000001"}) == "::ffff:10.0.0.1");
  CHECK(text({"00000000", "00000000", "00000000", "0a000001"}) == "::10.0.0.1");
  CHECK(ipv6_address({}) == "?");
}

TEST_CASE("a TCP connection is followed on each cable by itself", "[decode]") {
  TcpFollower follower;
  std::uint64_t now_ns = 0;
  const auto follow = [&](const std::string& segment, bool answers, std::uint64_t place) {
    const std::string from = answers ? "10.0.0.2" : "10.0.0.1";
    const std::string to = answers ? "10.0.0.1" : "10.0.0.2";
    const std::string frame = ethernet_frame(0x0800, ipv4_packet(6, from, to, segment));
    DecodedFrame decoded = decode_frame(as_bytes(frame));
    follower.follow(decoded, as_bytes(frame), now_ns += 1'000'000'000, place);
    CHECK(lies_inside(decoded, frame.size()));
    return decoded;
  };
  const std::string syn = tcp_segment(4000, 80, 0x02, "", 1000, 0);
  const std::string data = tcp_segment(4000, 80, 0x18, "hello", 1001, 501);
  CHECK(field(follow(syn, false, 1), "tcp.seq") == "0@38+4");
  CHECK(field(follow(tcp_segment(80, 4000, 0x12, "", 500, 1001), true, 1), "tcp.ack") == "1@42+4");
  const DecodedFrame first = follow(data, false, 1);
  CHECK(field(first, "tcp.seq") == "1@38+4");
  CHECK(field(first, "tcp.nxtseq").starts_with("6@"));
  CHECK(field(first, "tcp.analysis.retransmission").empty());
  CHECK(field(follow(data, false, 2), "tcp.analysis.retransmission").empty());
  CHECK(!field(follow(data, false, 1), "tcp.analysis.retransmission").empty());
  const DecodedFrame gap = follow(tcp_segment(4000, 80, 0x18, "later", 2000, 501), false, 1);
  CHECK(!field(gap, "tcp.analysis.lost_segment").empty());
  CHECK(!field(follow(tcp_segment(80, 4000, 0x10, "", 501, 9000), true, 1), "tcp.analysis.ack_lost_segment").empty());
  CHECK(field(follow(tcp_segment(4000, 80, 0x02, "", 77'000, 0), false, 1), "tcp.seq") == "0@38+4");
}

TEST_CASE("layers, fields and bytes are lines", "[decode]") {
  const std::string frame = arp_request("10.0.0.1", "10.0.0.2");
  const DecodedFrame decoded = decode_frame(as_bytes(frame));
  const std::vector<std::string> lines = layer_lines(decoded);
  const std::vector<LinePlace> places = line_places(decoded);
  REQUIRE(lines.size() == places.size());
  CHECK(lines[0].starts_with("Ethernet II, Src: "));
  CHECK(lines[1] == "  Destination: ff:ff:ff:ff:ff:ff   eth.dst");
  CHECK(lines[2].starts_with("    LG bit: 1 (locally administered)"));
  CHECK(places[1].length == 6);
  const std::vector<std::string> bytes = byte_lines(as_bytes(frame));
  REQUIRE(bytes.size() == 3);
  CHECK(bytes[0].starts_with("0000  ff ff ff ff ff ff 02 00  "));
  CHECK(bytes[2] == "0020  00 00 00 00 00 00 0a 00  00 02" + std::string(20, ' ') + "........ ..");
}
