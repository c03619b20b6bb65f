#include "replay/summary/summary.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "engine/text/text.h"
#include "tests/replay/export_fixture.h"
#include "tests/replay/frame_maker.h"

namespace labreel::test {
namespace {

struct Sample {
  std::string frame;
  std::string summary;
};

// Summarises the first `size` bytes out of memory that ends with them, so that a sanitizer sees any look beyond.
std::string summary_of_start(const std::string& frame, std::size_t size, std::size_t length) {
  const std::unique_ptr<std::byte[]> exact{new std::byte[size]};
  std::memcpy(exact.get(), frame.data(), size);
  return summarise_frame(Bytes{exact.get(), size}, static_cast<std::uint32_t>(length));
}
std::string summary_of(const std::string& frame) { return summary_of_start(frame, frame.size(), frame.size()); }

std::string v4(unsigned protocol, const std::string& payload) {
  return ethernet_frame(0x0800, ipv4_packet(protocol, "10.0.0.1", "10.0.0.2", payload));
}
std::string v6(unsigned next_header, const std::string& payload) {
  return ethernet_frame(0x86dd, ipv6_packet(next_header, "fe80::1", "ff02::1", payload));
}
std::string bgp_message(unsigned type, std::size_t body_bytes) {
  return std::string(16, '\xff') + u16(static_cast<unsigned>(19 + body_bytes)) + static_cast<char>(type) +
         std::string(body_bytes, '\0');
}
std::string bpdu(const std::string& fixed) {
  const std::string llc = from_hex("42 42 03") + fixed;
  return ethernet_frame(static_cast<unsigned>(llc.size()), llc);
}

std::vector<Sample> link_samples() {
  const std::string root = from_hex("80 00 020000000009");
  const std::string rest = u32(4) + from_hex("80 00 020000000001") + u16(0x8001) + std::string(8, '\0');
  return {
      {arp_request("10.0.0.1", "10.0.0.2"), "ARP Who has 10.0.0.2? Tell 10.0.0.1"},
      {arp_request("10.0.0.1", "10.0.0.1"), "ARP Announcement for 10.0.0.1"},
      {arp_request("0.0.0.0", "10.0.0.2"), "ARP Who has 10.0.0.2? (ARP Probe)"},
      {ethernet_frame(0x0806, from_hex("0001 0800 06 04 0002 020000000002 0a000002 020000000001 0a000001")),
       "ARP 10.0.0.2 is at 02:00:00:00:00:02"},
      {ethernet_frame(0x8100, u16(0x2064) + u16(0x0806) + arp_request("10.0.0.1", "10.0.0.2").substr(14)),
       "VLAN 100 ARP Who has 10.0.0.2? Tell 10.0.0.1"},
      {ethernet_frame(0x88a8, u16(7) + u16(0x8100) + u16(8) + u16(0x1234)),
       "VLAN 7 VLAN 8 Ethernet type 0x1234 02:00:00:00:00:01 → 02:00:00:00:00:02"},
      {bpdu(from_hex("0000 00 00 00") + root + rest), "STP Conf. Root = 32768/0/02:00:00:00:00:09  Cost = 4  Port = 0x8001"},
      {bpdu(from_hex("0000 02 02 01") + root + rest + from_hex("00")),
       "STP RST. TC + Root = 32768/0/02:00:00:00:00:09  Cost = 4  Port = 0x8001"},
      {bpdu(from_hex("0000 00 80")), "STP Topology Change Notification"},
      {ethernet_frame(8, from_hex("fe fe 03 83 1b 01 00 14")), "ISIS L2 LSP 02:00:00:00:00:01 → 02:00:00:00:00:02"},
      {ethernet_frame(0x88cc, from_hex("02 07 04 020000000001 04 05 05 65746831 06 02 0078 0a 02 72 31 00 00")),
       "LLDP r1 02:00:00:00:00:01 → 02:00:00:00:00:02"},
  };
}

std::vector<Sample> ip_samples() {
  std::string fragment = v4(17, std::string(32, 'x'));
  fragment[20] = '\x20';
  const std::string target = ipv6_packet(0, "fe80::7", "::", "").substr(8, 16);
  return {
      {ping_frame("10.0.0.1", "10.0.0.2", 3), "ICMP Echo (ping) request 10.0.0.1 → 10.0.0.2 id=0x1234 seq=3"},
      {v4(1, from_hex("00 00 0000 1234 0003")), "ICMP Echo (ping) reply 10.0.0.1 → 10.0.0.2 id=0x1234 seq=3"},
      {v4(1, from_hex("03 03 0000 00000000")), "ICMP Destination unreachable (Port unreachable) 10.0.0.1 → 10.0.0.2"},
      {v4(1, from_hex("0b 00 0000 00000000")),
       "ICMP Time-to-live exceeded (Time to live exceeded in transit) 10.0.0.1 → 10.0.0.2"},
      {v4(2, from_hex("22 00 0000 00000000")), "IGMPv3 Membership Report 10.0.0.1 → 10.0.0.2"},
      {v4(47, "xxxx"), "GRE 10.0.0.1 → 10.0.0.2"},
      {v4(200, ""), "IP protocol 200 10.0.0.1 → 10.0.0.2"},
      {fragment, "IPv4 Fragmented IP protocol (proto=17, off=0, ID=0001) 10.0.0.1 → 10.0.0.2"},
      {v6(58, from_hex("87 00 0000 00000000") + target), "ICMPv6 Neighbor Solicitation for fe80::7 fe80::1 → ff02::1"},
      {v6(58, from_hex("88 00 0000 60000000") + target),
       "ICMPv6 Neighbor Advertisement fe80::7 (sol, ovr) fe80::1 → ff02::1"},
      {v6(58, from_hex("80 00 0000 0001 0002")), "ICMPv6 Echo (ping) request fe80::1 → ff02::1 id=0x0001 seq=2"},
      {v6(0, from_hex("3a 00 05 02 00 00 01 00") + from_hex("8f 00 0000 0000 0000")),
       "ICMPv6 Multicast Listener Report Message v2 fe80::1 → ff02::1"},
      {v6(44, from_hex("11 00 00 09 00000042")),
       "IPv6 fragment (off=8 more=y ident=0x00000042 nxt=17) fe80::1 → ff02::1"},
      {v6(89, from_hex("03 01 0010") + std::string(12, '\0')), "OSPF Hello Packet fe80::1 → ff02::1"},
      {ethernet_frame(0x0800, ipv4_packet(89, "10.0.1.1", "224.0.0.5", from_hex("02 01 002c") + std::string(40, '\0'))),
       "OSPF Hello Packet 10.0.1.1 → 224.0.0.5"},
      {v4(89, from_hex("02 04 0018") + std::string(20, '\0')), "OSPF LS Update 10.0.0.1 → 10.0.0.2"},
  };
}

std::vector<Sample> transport_samples() {
  const std::string dhcp = from_hex("01 01 06 00 deadbeef") + std::string(228, '\0') + from_hex("63825363 35 01 01 ff");
  return {
      {v4(6, tcp_segment(40000, 179, 0x02)), "TCP 40000 → 179 [SYN] Seq=1 Win=64240 Len=0, 10.0.0.1 → 10.0.0.2"},
      {v4(6, tcp_segment(80, 40000, 0x18, "hello")),
       "TCP 80 → 40000 [PSH, ACK] Seq=1 Ack=2 Win=64240 Len=5, 10.0.0.1 → 10.0.0.2"},
      {v4(6, tcp_segment(179, 40000, 0x18, bgp_message(1, 10) + bgp_message(4, 0))),
       "BGP OPEN Message, KEEPALIVE Message 10.0.0.1 → 10.0.0.2"},
      {v4(6, tcp_segment(179, 40000, 0x10, "the middle of a message")), "BGP Continuation 10.0.0.1 → 10.0.0.2"},
      {v4(17, udp_datagram(4000, 5000, "hello")), "UDP 4000 → 5000 Len=5, 10.0.0.1 → 10.0.0.2"},
      {v4(17, udp_datagram(520, 520, from_hex("02 02 0000"))), "RIPv2 Response 10.0.0.1 → 10.0.0.2"},
      {v4(17, udp_datagram(4000, 53, from_hex("abcd 0100"))), "DNS Standard query 0xabcd 10.0.0.1 → 10.0.0.2"},
      {ethernet_frame(0x0800, ipv4_packet(17, "0.0.0.0", "255.255.255.255", udp_datagram(68, 67, dhcp))),
       "DHCP Discover 0.0.0.0 → 255.255.255.255 Transaction ID 0xdeadbeef"},
  };
}

std::vector<Sample> all_samples() {
  std::vector<Sample> all = link_samples();
  for (const auto& more : {ip_samples(), transport_samples()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}
bool fits_a_line(const std::string& text) { return is_utf8(text) && printable(text) == text && text.size() < 700; }

// Says what tshark shows of each sample: "PROTOCOL|INFO".
std::vector<std::string> shown_by_tshark(const std::vector<Sample>& samples) {
  HandMadeReel reel;
  reel.add_lab();
  for (const Sample& sample : samples) reel.frame(1, kR1, sample.frame, {dropped(kNoPort, Reason::no_receiver, 1)});
  const TemporaryFile file("samples.pcapng", exported(reel));
  return tshark_fields(file, "_ws.col.Protocol _ws.col.Info");
}

// The words of tshark's Info column before its details and its warnings.
std::string words_of(const std::string& info) {
  std::size_t end = info.size();
  for (const char* detail : {"[", "  ", " id=", " - "}) end = std::min(end, info.find(detail));
  std::string words = info.substr(0, end);
  while (!words.empty() && words.back() == ' ') words.pop_back();
  return words;
}

}  // namespace

TEST_CASE("tshark names the same protocol and says the same of it", "[summary][tshark]") {
  const std::vector<Sample> samples = all_samples();
  const std::vector<std::string> shown = shown_by_tshark(samples);
  REQUIRE(shown.size() == samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string& summary = samples[i].summary;
    const std::string protocol = shown[i].substr(0, shown[i].find('|'));
    INFO(shown[i] << "\n" << summary);
    // tshark keeps state for TCP and calls what it does not know by its carrier's name.
    if (summary.find("Continuation") != std::string::npos || summary.find("IP protocol 200") == 0) continue;
    CHECK(summary.find(protocol) != std::string::npos);
    // It looks deeper into these, or says other things of them.
    if (summary.find("Fragmented") != std::string::npos) continue;
    if (protocol == "LLDP" || protocol == "GRE" || protocol == "0x1234") continue;
    CHECK(summary.find(words_of(shown[i].substr(protocol.size() + 1))) != std::string::npos);
  }
}

TEST_CASE("a frame's summary is worded as Wireshark's users know it", "[summary]") {
  for (const Sample& sample : all_samples()) CHECK(summary_of(sample.frame) == sample.summary);
}

TEST_CASE("Ethernet's padding does not count as payload", "[summary]") {
  CHECK(summary_of(v4(17, udp_datagram(4000, 5000, "hello")) + std::string(9, '\0')) ==
        "UDP 4000 → 5000 Len=5, 10.0.0.1 → 10.0.0.2");
}

TEST_CASE("a frame that is cut off at any byte says so", "[summary]") {
  for (const Sample& sample : all_samples()) {
    for (std::size_t size = 0; size < sample.frame.size(); ++size) {
      const std::string summary = summary_of_start(sample.frame, size, sample.frame.size());
      INFO(sample.summary << " after " << size << " bytes: " << summary);
      REQUIRE(ends_with(summary, " [truncated]"));
      REQUIRE(fits_a_line(summary));
    }
  }
}

TEST_CASE("a frame whose header promises more than there is says that it is truncated", "[summary]") {
  const std::string frame = ping_frame("10.0.0.1", "10.0.0.2", 3);
  CHECK(summary_of(frame.substr(0, frame.size() - 1)) ==
        "ICMP Echo (ping) request 10.0.0.1 → 10.0.0.2 id=0x1234 seq=3 [truncated]");
  CHECK(summary_of(frame.substr(0, 9)) == "Ethernet, 9 bytes [truncated]");
  CHECK(summary_of("") == "Ethernet, 0 bytes [truncated]");
}

TEST_CASE("hostile headers are told as bad, and no text in a frame steers a terminal", "[summary]") {
  std::string frame = v4(17, udp_datagram(4000, 5000, "hello"));
  frame[14] = '\x41';
  CHECK(summary_of(frame) == "IPv4 10.0.0.1 → 10.0.0.2 with a bad header");
  CHECK(summary_of(v4(17, from_hex("0fa0 1388 0003 0000"))) == "UDP 4000 → 5000 with a bad length 3, 10.0.0.1 → 10.0.0.2");
  CHECK(summary_of(ethernet_frame(0x88cc, from_hex("0a 04") + "\x1b[2J")) ==
        "LLDP \\x1b[2J 02:00:00:00:00:01 → 02:00:00:00:00:02");
  std::string tags;
  for (int i = 0; i < 1000; ++i) tags += u16(1) + u16(0x8100);
  CHECK(summary_of(ethernet_frame(0x8100, tags)) == "VLAN 1 VLAN 1 VLAN 1 VLAN 1 and more tags");
}

TEST_CASE("any bytes give one line of text", "[summary]") {
  const std::vector<Sample> samples = all_samples();
  std::uint64_t state = 7;
  const auto number = [&](std::uint64_t bound) { return below(mix(state++), bound); };
  for (int round = 0; round < 20'000; ++round) {
    std::string frame = samples[number(samples.size())].frame;
    for (std::uint64_t i = number(6); i > 0; --i) frame[number(frame.size())] = static_cast<char>(number(256));
    if (number(4) == 0) frame.resize(number(frame.size() + 40), static_cast<char>(number(256)));
    const std::string summary = summary_of(frame);
    INFO(summary);
    REQUIRE(fits_a_line(summary));
  }
}

}  // namespace labreel::test
