// Import of captures: labreel's own there and back, and whatever other programs may have written.
#include "replay/import/import_capture.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "engine/text/text.h"
#include "replay/verify.h"
#include "tests/replay/export_fixture.h"
#include "tests/replay/recorded_lab.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// Keeps what it is given, frames with their bytes.
class KeepingSink final : public EventSink {
 public:
  Seq append(LabTime at, Seq cause, const EventBody& body) override {
    kept_.emplace_back(Event{next_seq(), at, cause, body});
    return Seq{kept_.size()};
  }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    return append(at, Seq{}, Frame{port, bytes, copies, static_cast<std::uint32_t>(bytes.size())});
  }
  Seq next_seq() const override { return Seq{kept_.size() + 1}; }
  void note(std::string_view kind, std::string_view detail) override { notes[std::string(kind)] = detail; }

  std::vector<Event> events() const {
    std::vector<Event> events;
    for (const KeptEvent& kept : kept_) events.push_back(kept.event());
    return events;
  }
  template <class Body>
  std::vector<std::pair<LabTime, Body>> all() const {
    std::vector<std::pair<LabTime, Body>> found;
    for (const Event& event : events()) {
      if (const auto* body = std::get_if<Body>(&event.body)) found.emplace_back(event.time, *body);
    }
    return found;
  }
  std::map<std::string, std::string> notes;

 private:
  std::deque<KeptEvent> kept_;
};

CapturedFile read(const std::string& bytes) {
  Result<CapturedFile> file = read_captured_file(as_bytes(bytes));
  if (!file) FAIL(file.error().place + ": " + file.error().what);
  return *std::move(file);
}

struct Imported {
  KeepingSink sink;
  ImportReport report;
};
std::unique_ptr<Imported> imported_from(const std::string& bytes) {
  auto imported = std::make_unique<Imported>();
  const CapturedFile file = read(bytes);
  REQUIRE(check_importable(file).ok());
  imported->report = import_capture(file, {"a.pcap", "a"}, imported->sink, [](std::uint64_t) { return false; });
  return imported;
}

// Numbers and blocks in either byte order.
class Maker {
 public:
  explicit Maker(bool is_big_endian = false) : is_big_endian_(is_big_endian) {}

  std::string number(std::uint64_t value, std::size_t bytes) const {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i)
      text += static_cast<char>(value >> 8 * (is_big_endian_ ? bytes - 1 - i : i));
    return text;
  }
  std::string u16(std::uint64_t value) const { return number(value, 2); }
  std::string u32(std::uint64_t value) const { return number(value, 4); }
  std::string option(unsigned code, const std::string& value) const {
    return u16(code) + u16(value.size()) + pad(value);
  }
  std::string block(std::uint32_t type, const std::string& body) const {
    const std::string length = u32(body.size() + 12);
    return u32(type) + length + body + length;
  }
  std::string section(const std::string& options = {}) const {
    return block(0x0a0d0d0a, u32(0x1a2b3c4d) + u16(1) + u16(0) + std::string(8, '\xff') + options);
  }
  std::string interface(const std::string& options = {}, unsigned link_type = 1) const {
    return block(1, u16(link_type) + u16(0) + u32(65535) + options);
  }
  std::string packet(unsigned interface, std::uint64_t units, const std::string& bytes, const std::string& options = {},
                     std::size_t length = 0) const {
    return block(6, u32(interface) + u32(units >> 32U) + u32(units) + u32(bytes.size()) +
                        u32(std::max(length, bytes.size())) + pad(bytes) + options);
  }
  static std::string pad(std::string text) {
    text.resize((text.size() + 3) / 4 * 4);
    return text;
  }
  std::string pcap(std::uint32_t magic, unsigned link_type = 1) const {
    return u32(magic) + u16(2) + u16(4) + std::string(8, '\0') + u32(65535) + u32(link_type);
  }
  std::string record(std::uint32_t s, std::uint32_t fraction, const std::string& bytes, std::size_t length = 0) const {
    return u32(s) + u32(fraction) + u32(bytes.size()) + u32(std::max(length, bytes.size())) + bytes;
  }

 private:
  bool is_big_endian_;
};

void check_round_trip(const std::vector<Event>& events) {
  std::string first;
  REQUIRE(try_export(events, with_begin(), first).ok());
  const auto imported = imported_from(first);
  CHECK(imported->report.words.empty());
  std::string second;
  ExportOptions options;
  const PcapngFile before = parsed(first);
  options.begin_utc_ns = before.packets.empty() ? kBegin_ns : before.packets.front().time_ns;
  REQUIRE(try_export(imported->sink.events(), options, second).ok());
  const PcapngFile after = parsed(second);

  // A port that was removed and added again has one name, and so is one port.
  std::map<std::string, std::string> macs;
  for (const PcapngInterface& interface : before.interfaces) macs.emplace(interface.name, interface.mac);
  CHECK(after.interfaces.size() == macs.size());
  for (const PcapngInterface& interface : after.interfaces) CHECK(macs[interface.name] == interface.mac);
  REQUIRE(after.packets.size() == before.packets.size());
  std::map<std::uint64_t, std::uint64_t> new_numbers;
  for (std::size_t i = 0; i < after.packets.size(); ++i) {
    const PcapngPacket& a = before.packets[i];
    const PcapngPacket& b = after.packets[i];
    INFO("packet " << i);
    REQUIRE(before.interfaces[a.interface].name == after.interfaces[b.interface].name);
    REQUIRE(std::tie(a.time_ns, a.length, a.bytes, a.flags, a.comments) ==
            std::tie(b.time_ns, b.length, b.bytes, b.flags, b.comments));
    // What was one frame is one frame again.
    REQUIRE(new_numbers.emplace(*a.packet_id, *b.packet_id).first->second == *b.packet_id);
  }
}

}  // namespace

TEST_CASE("an export of random labs comes back with the same frames, ports, times, directions and drops", "[import]") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    EventList list;
    ListSink sink{list};
    record_random_lab(sink, seed, 400);
    INFO("seed " << seed);
    check_round_trip(list.all());
  }
}

TEST_CASE("what was in flight when a recording was cut off is in flight after the import, too", "[import]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(1'000, kR1, ethernet(60), {copy_to(kR2, 2'000), copy_to(kH1, 9'000, kDuplicated)});
  reel.frame(3'000, kR1, ethernet(61), {dropped(kNoPort, Reason::no_receiver, 3'000)});
  check_round_trip(reel.events);
}

TEST_CASE("an import tells how many packets are done, and ends where it is told to", "[import]") {
  const Maker maker;
  std::string bytes = maker.pcap(0xa1b2c3d4);
  for (int i = 0; i < 3'000; ++i) bytes += maker.record(10, 5, ethernet(60));
  const CapturedFile file = read(bytes);
  for (const std::uint64_t last : {1'024U, 9'999U}) {
    KeepingSink sink;
    std::vector<std::uint64_t> told;
    const ImportReport report = import_capture(file, {"a.pcap", "a"}, sink, [&](std::uint64_t packets) {
      told.push_back(packets);
      return packets == last;
    });
    CHECK(report.interrupted == (last == 1'024));
    CHECK(told == (report.interrupted ? std::vector<std::uint64_t>{0, 1'024} : std::vector<std::uint64_t>{0, 1'024, 2'048}));
  }
}

TEST_CASE("a frame that was cut short keeps its length on the wire", "[import]") {
  const Maker maker;
  const auto imported = imported_from(maker.pcap(0xa1b2c3d4) + maker.record(10, 5, ethernet(40), 1514));
  const auto frames = imported->sink.all<Frame>();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].second.bytes.size() == 40);
  CHECK(frames[0].second.length == 1514);
}

TEST_CASE("classic pcap is read in both byte orders, with micro- and nanoseconds", "[import]") {
  for (const bool is_big_endian : {false, true}) {
    for (const std::uint64_t ns_per_unit : {1U, 1000U}) {
      const Maker maker{is_big_endian};
      const auto imported =
          imported_from(maker.pcap(ns_per_unit == 1 ? 0xa1b23c4d : 0xa1b2c3d4) +
                        maker.record(1'700'000'000, 7, ethernet(60)) + maker.record(1'700'000'001, 9, ethernet(61)));
      const auto frames = imported->sink.all<Frame>();
      REQUIRE(frames.size() == 2);
      CHECK(frames[0].first == LabTime{});
      CHECK(frames[1].first == LabTime{1'000'000'000 + 2 * ns_per_unit});
      CHECK(imported->sink.notes["begin-utc"] ==
            R"({"utc":"2023-11-14T22:13:20.00000)" + std::string(ns_per_unit == 1 ? "0007" : "7000") + R"(Z"})");
      CHECK(imported->sink.all<PortAdded>()[0].second.name == "if0");
      const auto begun = imported->sink.all<LabBegun>();
      CHECK(begun[0].second.clock == "capture");
      CHECK(begun[0].second.fabric_version == 0);
    }
  }
}

TEST_CASE("pcapng is read with several sections, orders, resolutions and offsets of time", "[import]") {
  const Maker little{false};
  const Maker big{true};
  const std::string file =
      little.section() + little.interface(little.option(2, "eth0")) +  // microseconds without being told
      little.packet(0, 1'000'002, ethernet(60, 1)) + little.block(5, std::string(8, '\0')) + big.section() +
      big.interface(big.option(2, "eth1") + big.option(9, "\x8a")) +  // 2^-10 s
      big.packet(0, 1024 + 512, ethernet(60, 2)) +
      big.interface(big.option(2, "eth0") + big.option(9, "\x09") + big.option(14, big.number(2, 8))) +
      big.packet(1, 25, ethernet(60, 3), big.option(2, big.u32(1))) +
      big.block(2, big.u16(1) + big.u16(0) + big.u32(0) + big.u32(50) + big.u32(60) + big.u32(60) + ethernet(60, 4)) +
      big.block(3, big.u32(60) + ethernet(60, 5));
  const auto imported = imported_from(file);
  CHECK(imported->report.packets == 5);
  std::vector<std::pair<std::uint64_t, unsigned>> seen;
  for (const auto& [time, frame] : imported->sink.all<Frame>()) {
    for (unsigned salt = 1; salt <= 5; ++salt) {
      if (std::ranges::equal(frame.bytes, as_bytes(ethernet(60, salt)))) seen.emplace_back(time.ns, salt);
    }
  }
  // From the first packet on, 1.000002 s after 1970: those of eth1 count from 1.5 s, those with an offset from 2 s.
  const std::uint64_t first_ns = 1'000'002'000;
  CHECK(seen == std::vector<std::pair<std::uint64_t, unsigned>>{{0, 1},
                                                                {1'500'000'000 - first_ns, 2},
                                                                {2'000'000'025 - first_ns, 3},
                                                                {2'000'000'050 - first_ns, 4},
                                                                {2'000'000'050 - first_ns, 5}});
  REQUIRE(imported->report.words.size() == 1);
  CHECK_THAT(imported->report.words[0], Catch::Contains("no time of their own"));
  // eth0, eth1, and where the packet came from that came in: one port a name.
  CHECK(imported->sink.all<PortAdded>().size() == 3);
}

TEST_CASE("a packet that came in is delivered at its port, from elsewhere", "[import]") {
  const Maker maker;
  const auto imported = imported_from(maker.section() + maker.interface(maker.option(2, "r1:eth1")) +
                                      maker.packet(0, 10, ethernet(60), maker.option(2, maker.u32(1))) +
                                      maker.packet(0, 20, ethernet(61), maker.option(2, maker.u32(2))));
  const auto frames = imported->sink.all<Frame>();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].second.port == PortId{1});
  REQUIRE(frames[0].second.copies.size() == 1);
  CHECK(frames[0].second.copies[0].port == PortId{0});
  CHECK(frames[1].second.port == PortId{0});
  CHECK(frames[1].second.copies.empty());
  CHECK(imported->sink.all<NodeAdded>()[0].second.name == "r1");
  CHECK(imported->sink.all<NodeAdded>()[1].second.name == "elsewhere");
}

TEST_CASE("an interface of any name becomes a port of its own, and the report says which", "[import]") {
  const Maker maker;
  const std::vector<std::string> names{"a:b:c",  ":",       "a:",         ":b",         "elsewhere:any", "tab\there", "a\nb",
                                       "a.b.c",  "\x7f",    "x\x1b]0;:y", "\xff\xc2\x9b", std::string("n\0l", 3), "r1:eth1",
                                       "a:.:b.c"};
  std::string file = maker.section();
  for (const std::string& name : names) file += maker.interface(maker.option(2, name));
  for (unsigned i = 0; i < names.size(); ++i) file += maker.packet(i, i + 1, ethernet(60));
  const auto imported = imported_from(file);
  const auto frames = imported->sink.all<Frame>();
  REQUIRE(frames.size() == names.size());
  std::set<std::string> ports;
  Topology topology;
  for (const Event& event : imported->sink.events()) {
    if (event.kind() <= EventKind::lan_left) REQUIRE(topology.apply(event.body).ok());
  }
  std::string report;
  for (const std::string& sentence : imported->report.words) report += sentence + "\n";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string port = topology.name_of(frames[i].second.port);
    INFO(port);
    CHECK(ports.insert(port).second);
    CHECK(printable(port) == port);
    const bool fits = port == names[i] || port == "capture:" + names[i];
    CHECK((report.find("\"" + printable(names[i]) + "\" is " + port + " here") != std::string::npos) == !fits);
  }
  CHECK(ports.contains("r1:eth1"));
  CHECK(ports.contains("capture:a.b.c"));
  CHECK(ports.contains("elsewhere:any"));
}

TEST_CASE("a comment of a drop names the port by the name that its interface had", "[import]") {
  const Maker maker;
  const auto imported = imported_from(maker.section(maker.option(2, "labreel fabric (switch in user space)")) + maker.interface(maker.option(2, "a:b:c")) +
                                      maker.interface(maker.option(2, "r1:eth1")) +
                                      maker.packet(1, 10, ethernet(60), maker.option(1, "dropped: loss (to a:b:c)") +
                                                                            maker.option(2, maker.u32(2)) +
                                                                            maker.option(5, maker.number(7, 8))));
  const auto frames = imported->sink.all<Frame>();
  REQUIRE(frames.size() == 1);
  REQUIRE(frames[0].second.copies.size() == 1);
  CHECK(frames[0].second.copies[0].port == PortId{0});
}

TEST_CASE("packets out of order are put in order of time", "[import]") {
  const Maker maker;
  const auto imported = imported_from(maker.pcap(0xa1b23c4d) + maker.record(5, 0, ethernet(62)) +
                                      maker.record(4, 0, ethernet(60)) + maker.record(4, 1, ethernet(61)));
  std::vector<std::size_t> lengths;
  for (const auto& [time, frame] : imported->sink.all<Frame>()) lengths.push_back(frame.bytes.size());
  CHECK(lengths == std::vector<std::size_t>{60, 61, 62});
}

TEST_CASE("link types other than Ethernet are refused by name, or passed over as a gap beside Ethernet", "[import]") {
  const Maker maker;
  const CapturedFile any = read(maker.pcap(0xa1b2c3d4, 276) + maker.record(1, 0, ethernet(60)));
  const Status refused = check_importable(any);
  REQUIRE(!refused.ok());
  CHECK_THAT(refused.error().what, Catch::Contains("1 packets of link type LINUX_SLL2"));
  CHECK_THAT(refused.error().hint, Catch::Contains("-i eth0"));

  const auto mixed = imported_from(maker.section() + maker.interface(maker.option(2, "wlan0"), 127) +
                                   maker.interface(maker.option(2, "eth0")) + maker.packet(0, 1, ethernet(60)) +
                                   maker.packet(1, 2, ethernet(60)));
  CHECK(mixed->report.frames == 1);
  const auto gaps = mixed->sink.all<Gap>();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].second.frames == 1);
  CHECK_THAT(gaps[0].second.reason, Catch::Contains("IEEE802_11_RADIO on wlan0"));
}

TEST_CASE("a capture cut off at any byte gives what is before it, and says where it ends", "[import]") {
  const Maker maker;
  const std::string ng = maker.section() + maker.interface() + maker.packet(0, 1, ethernet(60)) +
                         maker.packet(0, 2, ethernet(61)) + maker.packet(0, 3, ethernet(62));
  const std::string classic = maker.pcap(0xa1b2c3d4) + maker.record(1, 0, ethernet(60)) +
                              maker.record(2, 0, ethernet(61)) + maker.record(3, 0, ethernet(62));
  for (const std::string& whole : {ng, classic}) {
    std::size_t packets = 0;
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const std::string cut = whole.substr(0, size);
      const auto file = read_captured_file(as_bytes(cut));
      if (!file) {
        CHECK(packets == 0);
        continue;
      }
      REQUIRE(file->packets.size() >= packets);
      packets = file->packets.size();
      if (!file->end) continue;  // between two blocks
      CHECK_THAT(file->end->what, Catch::Contains("cut off"));
      CHECK(file->end->place.starts_with("byte "));
      const auto imported = imported_from(cut);
      CHECK(imported->report.frames == packets);
      CHECK(imported->sink.all<Gap>().at(0).second.where == "cut-off");
    }
    CHECK(packets == 2);
  }
}

TEST_CASE("what is no capture is named with its first byte and a hint", "[import]") {
  const auto error_of = [](const std::string& bytes) { return read_captured_file(as_bytes(bytes)).error(); };
  CHECK_THAT(error_of("\x1f\x8b\x08 and so on").hint, Catch::Contains("gunzip"));
  CHECK_THAT(error_of("SQLite format 3\0").hint, Catch::Contains("labreel info"));
  CHECK_THAT(error_of("hello, world").what, Catch::Contains("neither pcap nor pcapng"));
  CHECK(error_of("").what == "is empty");
}

TEST_CASE("a packet that carries another frame's number is not taken for its copy", "[import]") {
  const Maker maker;
  const auto flags = [&](unsigned direction) {
    return maker.option(2, maker.u32(direction)) + maker.option(5, maker.number(7, 8));
  };
  const auto imported =
      imported_from(maker.section(maker.option(2, "labreel fabric (switch in user space)")) +
                    maker.interface(maker.option(2, "r1:eth1")) + maker.interface(maker.option(2, "r2:eth1")) +
                    maker.packet(0, 1, ethernet(60), flags(2)) + maker.packet(1, 2, ethernet(60), flags(1)) +
                    maker.packet(1, 3, ethernet(60, 9), flags(1)));
  const auto frames = imported->sink.all<Frame>();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].second.copies.size() == 1);
  CHECK_THAT(imported->report.words.at(0), Catch::Contains("elsewhere:any"));
}
