#include "replay/export_packets.h"

#include <algorithm>
#include <set>

#include "tests/replay/export_fixture.h"

using namespace labreel;
using namespace labreel::test;

namespace {

using Texts = std::vector<std::string>;

// r1 sends to r2: 5 ms later it is there.
HandMadeReel one_frame_reel() {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(1'000'000'007, kR1, ethernet(60), {copy_to(kR2, 1'005'000'011)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  return reel;
}

// "r1:eth1 out 7" for each packet.
Texts story(const PcapngFile& file) {
  Texts lines;
  for (const PcapngPacket& packet : file.packets) {
    lines.push_back(file.interfaces[packet.interface].name + (packet.flags == 1U ? " in " : " out ") +
                    std::to_string(packet.packet_id.value_or(0)));
  }
  return lines;
}

// A line for each packet, without the hex dump of what tcpdump does not know.
Texts tcpdump_lines(const TemporaryFile& file) {
  Texts lines = lines_of("tcpdump -n -tt --nano -r " + file.path());
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("\t"); });
  return lines;
}

}  // namespace

TEST_CASE("a frame is one packet at its sender and one at its receiver, each at its own time", "[export]") {
  const PcapngFile file = exported_and_parsed(one_frame_reel());
  CHECK(story(file) == Texts{"r1:eth1 out 7", "r2:eth1 in 7"});
  REQUIRE(file.packets.size() == 2);
  CHECK(file.packets[0].time_ns == kBegin_ns + 1'000'000'007);
  CHECK(file.packets[1].time_ns == kBegin_ns + 1'005'000'011);
  for (const PcapngPacket& packet : file.packets) {
    CHECK(packet.bytes == ethernet(60));
    CHECK(packet.length == 60);
    CHECK(packet.comments.empty());
    CHECK(packet.packet_id == 7U);
  }
  CHECK(file.packets[0].flags == 2U);
  CHECK(file.packets[1].flags == 1U);
}

TEST_CASE("every port that ever was is an interface, with one link type and one snap length for all", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.add(10, PortRemoved{kH1});
  reel.add(20, PortAdded{PortId{3}, NodeId{2}, "eth9", {}});
  reel.add(20, PortAdded{PortId{9}, NodeId{2}, "eth10", {}});  // does not fit the lab: passed over
  const PcapngFile file = exported_and_parsed(reel);
  REQUIRE(file.interfaces.size() == 4);
  CHECK(file.interfaces[0].name == "r1:eth1");
  CHECK(file.interfaces[2].name == "h1:eth0");
  CHECK(file.interfaces[3].name == "h1:eth9");
  CHECK(file.interfaces[0].description == "port eth1 of the namespace node r1");
  CHECK(file.interfaces[1].mac == std::string("\x02\0\0\0\0\x02", 6));
  for (const PcapngInterface& interface : file.interfaces) {
    CHECK(interface.link_type == 1);
    CHECK(interface.snap_length == file.interfaces[0].snap_length);
    CHECK(interface.time_resolution == std::uint8_t{9});
    CHECK(interface.filter.empty());
  }
}

TEST_CASE("the file says which lab, seed, digest and program it is from", "[export]") {
  ExportOptions options;
  options.program = "labreel 1.2.3";
  options.lab = "demo";
  options.seed = 42;
  options.digest = "abc123";
  const std::string bytes = exported(one_frame_reel(), options);
  const PcapngFile file = parsed(bytes);
  CHECK(file.program == "labreel 1.2.3");
  CHECK_FALSE(file.hardware.empty());
  CHECK_FALSE(file.os.empty());
  REQUIRE(file.comments.size() == 4);
  CHECK(Texts(file.comments.begin(), file.comments.begin() + 3) == Texts{"lab: demo", "seed: 42", "digest: abc123"});
  CHECK_THAT(file.comments[3], Catch::StartsWith("tcp: each packet once"));

  const TemporaryFile on_disk("a.pcapng", bytes);
  std::string capinfos;
  for (const std::string& line : lines_of("capinfos " + on_disk.path())) capinfos += line + "\n";
  CHECK_THAT(capinfos, Catch::Contains("labreel 1.2.3"));
  CHECK_THAT(capinfos, Catch::Contains("lab: demo"));
  CHECK_THAT(capinfos, Catch::Contains("digest: abc123"));
  CHECK_THAT(capinfos, Catch::Contains("Number of packets:   2"));
  CHECK_THAT(capinfos, Catch::Contains("Number of interfaces in file: 3"));
  CHECK_THAT(capinfos, Catch::Contains("Name = r2:eth1"));
  CHECK_THAT(capinfos, Catch::Contains("Strict time order:   True"));
  CHECK_THAT(capinfos, Catch::Contains("nanoseconds (9)"));
}

TEST_CASE("tshark shows interface, direction, event number, nanoseconds and comments", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(1'000'000'007, kR1, ethernet(61),
             {copy_to(kR2, 1'005'000'011), dropped(kH1, Reason::loss, 1'000'000'007)});
  reel.add(2'000'000'000, LabEnded{"stopped"});
  const TemporaryFile file("a.pcapng", exported(reel));
  CHECK(tshark_fields(file,
                      "frame.interface_name frame.packet_flags_direction frame.packet_id frame.time_epoch frame.len "
                      "frame.comment eth.dst") ==
        Texts{"r1:eth1|0x00000002|7|1700000001.000000007|61|dropped: loss (to h1:eth0)|02:00:00:00:00:02",
              "r2:eth1|0x00000001|7|1700000001.005000011|61||02:00:00:00:00:02"});
  CHECK(tshark_fields(file, "frame.number", "-Y 'frame.packet_id == 7 && frame.interface_name == \"r2:eth1\"'") ==
        Texts{"2"});
}

TEST_CASE("tcpdump reads the pcapng and the pcap, to the nanosecond", "[export]") {
  const HandMadeReel reel = one_frame_reel();
  for (const Format format : {Format::pcapng, Format::pcap}) {
    const TemporaryFile file("capture", exported(reel, {}, format));
    const Texts lines = tcpdump_lines(file);
    REQUIRE(lines.size() == 2);
    CHECK_THAT(lines[0], Catch::StartsWith("1700000001.000000007 "));
    CHECK_THAT(lines[1], Catch::StartsWith("1700000001.005000011 "));
    CHECK_THAT(lines[1], Catch::Contains("length 60"));
  }
}

TEST_CASE("a pcap file holds the same packets as a pcapng file", "[export]") {
  const HandMadeReel reel = one_frame_reel();
  const TemporaryFile pcap("a.pcap", exported(reel, {}, Format::pcap));
  const TemporaryFile pcapng("a.pcapng", exported(reel));
  const std::string fields = "frame.time_epoch frame.len frame.cap_len eth.src eth.dst data";
  CHECK(tshark_fields(pcap, fields) == tshark_fields(pcapng, fields));
  CHECK(tshark_fields(pcap, fields).size() == 2);
  CHECK_THAT(lines_of("capinfos -t " + pcap.path()).back(), Catch::Contains("nanosecond pcap"));
}

TEST_CASE("a copy that was dropped is a comment at the sender, with its final reason, and nowhere a packet",
          "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  const Seq sent = reel.frame(100, kR1, ethernet(60),
                              {dropped(kR2, Reason::queue_full, 100), copy_to(kR2, 900, kDuplicated), copy_to(kH1, 950),
                               copy_to(kR2, 960), dropped(kNoPort, Reason::no_receiver, 100)});
  const Seq cut = reel.add(500, LinkDown{kR2});
  reel.add(500, Outcome{sent, 3, kR2, Reason::link_down}, cut);
  reel.add(500, Outcome{sent, 1, kR2, Reason::link_down}, cut);
  reel.add(500, Outcome{sent, 77, kR2, Reason::link_down}, cut);        // no such copy: ignored
  reel.add(500, Outcome{Seq{2}, 0, kR2, Reason::link_down}, cut);       // no such frame: ignored
  reel.add(950, Outcome{sent, 2, kH1, Reason::refused_by_node}, sent);  // at the very time it was due
  reel.add(2000, LabEnded{"stopped"});
  const PcapngFile file = exported_and_parsed(reel);
  REQUIRE(file.packets.size() == 1);
  CHECK(file.interfaces[file.packets[0].interface].name == "r1:eth1");
  CHECK(file.packets[0].comments ==
        Texts{"dropped: queue-full (to r2:eth1)", "dropped: link-down (the duplicate to r2:eth1)",
              "dropped: refused-by-node (to h1:eth0)", "dropped: link-down (to r2:eth1)", "dropped: no-receiver"});
}

TEST_CASE("a corrupted copy has its flipped bit at the receiver only, and says why", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  const std::uint8_t corrupted_bit_3 = kCorrupted | 3U << 5U;
  reel.frame(100, kR1, ethernet(60), {copy_to(kR2, 200, corrupted_bit_3, 59), copy_to(kH1, 300)});
  reel.frame(400, kR1, ethernet(60), {copy_to(kR2, 500, corrupted_bit_3 | kDuplicated | kReordered, 60)});
  reel.add(2000, LabEnded{"stopped"});
  const PcapngFile file = exported_and_parsed(reel);
  REQUIRE(file.packets.size() == 5);
  std::string flipped = ethernet(60);
  flipped[59] = static_cast<char>(flipped[59] ^ 0x08);
  CHECK(file.packets[0].bytes == ethernet(60));
  CHECK(file.packets[0].comments.empty());
  CHECK(file.packets[1].bytes == flipped);
  CHECK(file.packets[1].comments == Texts{"corrupted: bit 3 of byte 59 was flipped"});
  CHECK(file.packets[2].bytes == ethernet(60));
  CHECK(file.packets[4].bytes == ethernet(60));  // a hostile reel: there is no byte 60
  CHECK(file.packets[4].comments == Texts{"duplicated: this copy is the duplicate",
                                          "corrupted: bit 3 of byte 60 was flipped",
                                          "reordered: this copy skipped the delay"});
}

TEST_CASE("packets are in order of time, then of event, the sender first, then of copy", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(60), {copy_to(kR2, 300), copy_to(kH1, 100)});
  reel.frame(200, kR2, ethernet(60), {copy_to(kR1, 300), copy_to(kH1, 300)});
  reel.frame(300, kH1, ethernet(60), {copy_to(kR1, 300), copy_to(kR2, 300)});
  reel.frame(300, kR1, ethernet(60), {copy_to(kR2, 301)});
  reel.add(301, LabEnded{"stopped"});
  CHECK(story(exported_and_parsed(reel)) == Texts{"r1:eth1 out 7", "h1:eth0 in 7", "r2:eth1 out 8", "r2:eth1 in 7",
                                                  "r1:eth1 in 8", "h1:eth0 in 8", "h1:eth0 out 9", "r1:eth1 in 9",
                                                  "r2:eth1 in 9", "r1:eth1 out 10", "r2:eth1 in 10"});
}

TEST_CASE("a copy that is still in flight where the recording breaks off was not delivered", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(60), {copy_to(kR2, 200), copy_to(kR2, 201)});
  reel.add(200, Marker{"last", ""});
  const PcapngFile file = exported_and_parsed(reel);
  CHECK(story(file) == Texts{"r1:eth1 out 7", "r2:eth1 in 7"});
  CHECK(file.packets[0].comments == Texts{"in flight when the recording ends (to r2:eth1)"});
}

TEST_CASE("with once, a frame is one packet at its sender that tells all its copies' fates", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(60),
             {copy_to(kR2, 1'500'000'000, kCorrupted | 7U << 5U, 20), dropped(kH1, Reason::loss, 100)});
  reel.frame(200, kR2, ethernet(60), {copy_to(kR1, 300)});
  reel.add(1'500'000'000, LabEnded{"stopped"});
  ExportOptions options;
  options.once = true;
  const PcapngFile file = exported_and_parsed(reel, options);
  CHECK(story(file) == Texts{"r1:eth1 out 7", "r2:eth1 out 8"});
  CHECK(file.packets[0].comments ==
        Texts{"delivered (to r2:eth1 at 1.500000000); corrupted: bit 7 of byte 20 was flipped",
              "dropped: loss (to h1:eth0)"});
  CHECK(file.packets[1].comments == Texts{"delivered (to r1:eth1 at 0.000000300)"});
}

TEST_CASE("a port keeps the packets on its own interface, and a wrong one is named", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(60), {copy_to(kR2, 150), copy_to(kH1, 160)});
  reel.frame(200, kR2, ethernet(60), {copy_to(kR1, 300)});
  reel.add(500, LabEnded{"stopped"});
  ExportOptions options;
  options.port = "r2:eth1";
  const PcapngFile file = exported_and_parsed(reel, options);
  CHECK(story(file) == Texts{"r2:eth1 in 7", "r2:eth1 out 8"});
  CHECK(file.interfaces.size() == 1);

  options.port = "r2:eth11";
  std::string bytes;
  const Status status = try_export(reel.events, options, bytes);
  REQUIRE_FALSE(status);
  CHECK(status.error().kind == ErrorKind::usage);
  CHECK(status.error().what == "there is no port r2:eth11 (did you mean r2:eth1?)");
  CHECK(bytes.empty());
}

TEST_CASE("a range chooses frames by number, and keeps all packets of each", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(60), {copy_to(kR2, 500)});
  const Seq second = reel.frame(200, kR2, ethernet(60), {copy_to(kR1, 600), copy_to(kH1, 700)});
  reel.frame(300, kH1, ethernet(60), {copy_to(kR1, 400)});
  reel.add(650, Outcome{second, 1, kH1, Reason::link_down});
  reel.add(900, LabEnded{"stopped"});
  ExportOptions options;
  options.from = second;
  options.to = second;
  const PcapngFile file = exported_and_parsed(reel, options);
  CHECK(story(file) == Texts{"r2:eth1 out 8", "r1:eth1 in 8"});
  CHECK(file.packets[0].comments == Texts{"dropped: link-down (to h1:eth0)"});
}

TEST_CASE("a filter chooses frames as they were sent, and the file names it", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(60), {copy_to(kR2, 150)});
  reel.frame(200, kR2, ethernet(90), {copy_to(kR1, 300)});
  reel.add(500, LabEnded{"stopped"});
  ExportOptions options;
  options.filter = "greater 80";
  options.frame_passes = [](const Frame& frame) { return frame.length >= 80; };
  const std::string bytes = exported(reel, options);
  const PcapngFile file = parsed(bytes);
  CHECK(story(file) == Texts{"r2:eth1 out 8", "r1:eth1 in 8"});
  CHECK(file.interfaces[1].filter == std::string("\0greater 80", 11));
  std::string capinfos;
  for (const std::string& line : lines_of("capinfos " + TemporaryFile("a.pcapng", bytes).path())) capinfos += line;
  CHECK_THAT(capinfos, Catch::Contains("Filter string = greater 80"));
}

TEST_CASE("frames of any length make a file that other programs read", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  const std::vector<std::size_t> lengths{0, 1, 13, 14, 59, 60, 61, 62, 1514, 9216, 9217, 9234, 65535, 262144, 300001};
  std::uint64_t at = 100;
  for (const std::size_t length : lengths) {
    reel.frame(at, kR1, ethernet(length), {copy_to(kR2, at + 250)});
    at += 100;
  }
  reel.add(at + 1000, LabEnded{"stopped"});
  for (const Format format : {Format::pcapng, Format::pcap}) {
    const TemporaryFile file("capture", exported(reel, {}, format));
    std::multiset<std::string> expected;
    for (const std::size_t length : lengths) {
      const std::string line = std::to_string(length) + "|" + std::to_string(std::min<std::size_t>(length, 262'144));
      expected.insert({line, line});
    }
    const Texts lines = tshark_fields(file, "frame.len frame.cap_len");
    CHECK(std::multiset<std::string>(lines.begin(), lines.end()) == expected);
    CHECK(tcpdump_lines(file).size() == 2 * lengths.size());
  }
  const PcapngFile file = exported_and_parsed(reel);
  for (const PcapngPacket& packet : file.packets) {
    CHECK(packet.bytes == ethernet(packet.length).substr(0, 262'144));
  }
}

TEST_CASE("a frame whose payload was not recorded keeps its true length", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(14), {copy_to(kR2, 200, kCorrupted, 500)});
  std::get<Frame>(reel.events.back().body).length = 1514;
  reel.add(300, LabEnded{"stopped"});
  const PcapngFile file = exported_and_parsed(reel);
  REQUIRE(file.packets.size() == 2);
  for (const PcapngPacket& packet : file.packets) {
    CHECK(packet.length == 1514);
    CHECK(packet.bytes == ethernet(14));
  }
}

TEST_CASE("addresses show as their nodes' names", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  // An IPv4 header without options, from 10.0.1.1 to 10.0.1.2, protocol 253.
  const std::string ip{'\x45', 0, 0, 20, 0, 0, 0, 0, 64, '\xfd', 0, 0, 10, 0, 1, 1, 10, 0, 1, 2};
  reel.frame(100, kR1, ethernet(12) + std::string("\x08\0", 2) + ip, {copy_to(kR2, 200)});
  reel.add(300, LabEnded{"stopped"});
  ExportOptions options;
  options.addresses = {{"10.0.1.1/24", "r1"}, {"10.0.1.2", "r2"}, {"2001:db8::1/64", "r1"}, {"dhcp", "h1"}};
  const std::string bytes = exported(reel, options);
  const std::vector<std::pair<std::string, std::string>> names = parsed(bytes).names;
  REQUIRE(names.size() == 3);
  CHECK(names[1] == std::pair<std::string, std::string>({10, 0, 1, 2}, "r2"));
  CHECK(names[2].first == std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16));
  CHECK(tshark_fields(TemporaryFile("a.pcapng", bytes), "ip.src_host ip.dst_host", "-N n") == Texts{"r1|r2", "r1|r2"});
}

TEST_CASE("with events, what is no frame is a JSON packet on an interface of its own", "[export]") {
  HandMadeReel reel = one_frame_reel();
  reel.add(2'000'000'001, Marker{"end", ""});
  ExportOptions options;
  std::vector<std::uint64_t> asked;
  options.event_json = [&](const Event& event) {
    asked.push_back(event.seq.value);
    return R"({"kind":")" + std::string(name_of(event.kind())) + R"("})";
  };
  options.from = Seq{7};
  const std::string bytes = exported(reel, options);
  CHECK(asked == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 8, 9});
  const PcapngFile parsed_file = parsed(bytes);
  REQUIRE(parsed_file.interfaces.size() == 4);
  CHECK(parsed_file.interfaces[3].link_type == 252);
  CHECK(parsed_file.interfaces[3].snap_length == parsed_file.interfaces[0].snap_length);

  const TemporaryFile file("a.pcapng", bytes);
  CHECK(tshark_fields(file, "frame.packet_id frame.interface_name json.value.string _ws.col.Protocol") ==
        Texts{"7|r1:eth1||0x88b5", "7|r2:eth1||0x88b5", "8|labreel|lab.ended|LABREEL/JSON",
              "9|labreel|marker|LABREEL/JSON"});

  std::string pcap;
  const Status status = try_export(reel.events, options, pcap, Format::pcap);
  REQUIRE_FALSE(status);
  CHECK(status.error().kind == ErrorKind::usage);
  CHECK(pcap.empty());
}
