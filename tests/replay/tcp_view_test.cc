// Where a TCP packet stands in an export that is for Wireshark's analysis: once, at its conversation's port.
#include "replay/tcp_view.h"

#include <set>

#include "replay/per_port_writer.h"
#include "tests/replay/export_fixture.h"
#include "tests/replay/frame_maker.h"

using namespace labreel;
using namespace labreel::test;

namespace {

using Texts = std::vector<std::string>;

constexpr PortId kClient{0};
constexpr PortId kInner{1};
constexpr PortId kOuter{2};
constexpr PortId kServer{3};
constexpr PortId kSecond{4};  // another port of the client

// c:eth0 -- r:eth1, r:eth2 -- s:eth0, and c:eth1.
HandMadeReel routed_lab() {
  HandMadeReel reel;
  for (const auto& [node, name] : {std::pair{0U, "c"}, {1U, "r"}, {2U, "s"}})
    reel.add(0, NodeAdded{NodeId{node}, name, "namespace", {}});
  const auto port = [&](PortId id, std::uint32_t node, const char* name) {
    reel.add(0, PortAdded{id, NodeId{node}, name, {2, 0, 0, 0, 0, static_cast<std::uint8_t>(index_of(id) + 1)}});
  };
  port(kClient, 0, "eth0");
  port(kInner, 1, "eth1");
  port(kOuter, 1, "eth2");
  port(kServer, 2, "eth0");
  port(kSecond, 0, "eth1");
  return reel;
}

std::string request(std::uint32_t sequence, const std::string& from = "10.0.1.1") {
  return ethernet_frame(0x800, ipv4_packet(6, from, "10.0.2.1", tcp_segment(40000, 80, 0x18, "request", sequence)));
}
std::string answer(std::uint32_t sequence) {
  return ethernet_frame(0x800, ipv4_packet(6, "10.0.2.1", "10.0.1.1", tcp_segment(80, 40000, 0x18, "answer", sequence)));
}

// "c:eth0 out 14: a comment; another" for each packet.
Texts story(const PcapngFile& file) {
  Texts lines;
  for (const PcapngPacket& packet : file.packets) {
    std::string line = file.interfaces[packet.interface].name + (packet.flags == 1U ? " in " : " out ") +
                       std::to_string(packet.packet_id.value_or(0)) + (packet.bytes.size() < packet.length ? " cut" : "");
    for (const std::string& comment : packet.comments) line += "; " + comment;
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("a TCP packet stands once, where its conversation was first seen, and says how far it came", "[export]") {
  HandMadeReel reel = routed_lab();
  reel.frame(100, kClient, request(1), {copy_to(kInner, 200)});
  reel.frame(300, kOuter, request(1), {copy_to(kServer, 400)});
  reel.frame(500, kServer, answer(1), {copy_to(kOuter, 600)});
  reel.frame(700, kInner, answer(1), {copy_to(kClient, 800)});
  reel.frame(900, kClient, ethernet(60), {copy_to(kInner, 1000)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  CHECK(story(exported_and_parsed(reel)) ==
        Texts{"c:eth0 out 9; seen last: received by s:eth0 (hop 2, event 10, at 0.000000400)", "c:eth0 in 12",
              "c:eth0 out 13", "r:eth1 in 13"});
  ExportOptions options;
  options.all_ports = true;
  CHECK(story(exported_and_parsed(reel, options)).size() == 10);
  options.all_ports = false;
  options.port = "r:eth2";
  CHECK(story(exported_and_parsed(reel, options)) == Texts{"r:eth2 out 10", "r:eth2 in 11"});
}

TEST_CASE("a TCP packet that is lost behind its viewpoint says so there, and nowhere else", "[export]") {
  HandMadeReel reel = routed_lab();
  reel.frame(100, kClient, request(1), {copy_to(kInner, 200)});
  reel.frame(300, kOuter, request(1), {dropped(kServer, Reason::loss, 300)});
  reel.frame(500, kClient, request(1), {dropped(kInner, Reason::queue_full, 500)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  CHECK(story(exported_and_parsed(reel)) ==
        Texts{"c:eth0 out 9; dropped later: loss, from r:eth2 to s:eth0 (hop 2, event 10, at 0.000000300)",
              "c:eth0 out 11; dropped: queue-full (to r:eth1)"});
}

TEST_CASE("a TCP packet that never came to its viewpoint stands where it was lost, without its numbers", "[export]") {
  HandMadeReel reel = routed_lab();
  reel.frame(100, kClient, request(1), {copy_to(kInner, 200)});
  reel.frame(300, kServer, answer(1), {dropped(kOuter, Reason::loss, 300)});
  reel.frame(400, kServer, answer(2), {copy_to(kOuter, 450)});  // and r sends nothing on
  reel.frame(500, kServer, answer(3), {copy_to(kSecond, 550)});  // another way to the same node
  reel.add(2'000'000'000, LabEnded{"stopped"});
  const PcapngFile file = exported_and_parsed(reel);
  const Texts lines = story(file);
  REQUIRE(lines.size() == 4);
  CHECK_THAT(lines[1], Catch::StartsWith("s:eth0 out 10 cut; dropped: loss (to r:eth2); it never came to c:eth0"));
  CHECK_THAT(lines[2], Catch::StartsWith("r:eth2 in 11 cut; it never came to c:eth0"));
  CHECK(lines[3] == "c:eth1 in 12");
  CHECK(file.packets[1].bytes.size() == 14 + 20 + 4);
}

TEST_CASE("what NAT makes of a conversation is one of its own, with its own viewpoint", "[export]") {
  HandMadeReel reel = routed_lab();
  reel.frame(100, kClient, request(1), {copy_to(kInner, 200)});
  reel.frame(300, kOuter, request(1, "192.0.2.9"), {copy_to(kServer, 400)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  CHECK(story(exported_and_parsed(reel)) ==
        Texts{"c:eth0 out 9; seen last: received by r:eth1 (hop 1, event 9, at 0.000000200)",
              "r:eth2 out 10; seen last: received by s:eth0 (hop 1, event 10, at 0.000000400)"});
}

TEST_CASE("packets that are alike to the last bit are told apart where they are sent, and keep their order behind",
          "[export]") {
  HandMadeReel reel = routed_lab();
  reel.frame(100, kClient, request(1), {copy_to(kInner, 200)});
  for (const std::uint64_t at : {1000, 2000, 3000}) reel.frame(at, kServer, answer(7), {copy_to(kOuter, at + 10)});
  for (const std::uint64_t at : {4000, 5000, 6000}) reel.frame(at, kInner, answer(7), {copy_to(kClient, at + 10)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  const Texts lines = story(exported_and_parsed(reel));
  CHECK(lines.size() == 4);
  CHECK(std::ranges::count_if(lines, [](const std::string& line) { return line.starts_with("c:eth0 in"); }) == 3);
}

TEST_CASE("a copy that the fabric made twice is the same packet behind it", "[export]") {
  HandMadeReel reel = routed_lab();
  reel.frame(100, kClient, request(1), {copy_to(kInner, 200), copy_to(kInner, 210, kDuplicated)});
  reel.frame(300, kOuter, request(1), {copy_to(kServer, 400)});
  reel.frame(310, kOuter, request(1), {copy_to(kServer, 410)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  CHECK(story(exported_and_parsed(reel)).size() == 1);
}

TEST_CASE("tshark analyses no numbers of a TCP packet that never came to its viewpoint", "[export]") {
  HandMadeReel reel = routed_lab();
  reel.frame(100, kClient, request(1), {copy_to(kInner, 200)});
  // The second is lost while the first is still on its way: whole, it would make the first look out of order.
  reel.frame(1000, kServer, answer(1), {copy_to(kOuter, 1900)});
  reel.frame(1100, kServer, answer(7), {dropped(kOuter, Reason::loss, 1100)});
  reel.frame(2000, kInner, answer(1), {copy_to(kClient, 2100)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  const TemporaryFile file("a.pcapng", exported(reel));
  CHECK(tshark_fields(file, "frame.number", "-Y tcp.analysis.flags") == Texts{});
  CHECK(tshark_fields(file, "tcp.srcport", "-Y 'frame.comment contains \"dropped\"'") == Texts{"80"});
  ExportOptions options;
  options.all_ports = true;
  const TemporaryFile all("a.pcapng", exported(reel, options));
  CHECK_FALSE(tshark_fields(all, "frame.number", "-Y tcp.analysis.flags").empty());
}

TEST_CASE("a port's file name is plain, never hidden, and none twice", "[export]") {
  std::set<std::string> taken;
  CHECK(file_name_of_port("r1:eth1", taken) == "r1_eth1.pcapng");
  CHECK(file_name_of_port("r1_eth1", taken) == "r1_eth1-2.pcapng");
  CHECK(file_name_of_port("../x:a/b\x1b", taken) == "_.._x_a_b_.pcapng");
  CHECK(file_name_of_port("", taken) == "_.pcapng");
}
