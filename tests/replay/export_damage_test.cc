// Export of reels that are damaged or hostile, into files that cannot be written.
#include <csignal>

#include "tests/replay/export_fixture.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// Exports a reel that breaks off after one good frame, and returns the error.
Error error_of(const HandMadeReel& reel, Format format = Format::pcapng) {
  std::string bytes;
  const Status status = try_export(reel.events, with_begin(), bytes, format);
  REQUIRE_FALSE(status);
  if (format == Format::pcapng) CHECK(parsed(bytes).packets.size() == 2);
  return status.error();
}

HandMadeReel reel_with_one_good_frame() {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(100, kR1, ethernet(60), {copy_to(kR2, 150)});
  return reel;
}

// Gives its events, then an error.
struct BrokenSource final : EventSource {
  explicit BrokenSource(std::vector<Event> events) : good(std::move(events)) {}
  Result<bool> next(Event& event) override {
    const Result<bool> more = good.next(event);
    if (more && !*more) return Error{.kind = ErrorKind::input, .what = "page 3 is damaged"};
    return more;
  }
  ListSource good;
};

}  // namespace

TEST_CASE("what is before the damage of a reel is exported, and then the damage is named", "[export]") {
  HandMadeReel reel = reel_with_one_good_frame();
  reel.frame(200, kR2, ethernet(60), {copy_to(kR1, 250)});
  BrokenSource first(reel.events);
  BrokenSource second(reel.events);
  MemorySink sink;
  const Status status = export_pcapng(first, second, with_begin(), sink);
  REQUIRE_FALSE(status);
  CHECK(status.error().what == "page 3 is damaged");
  const PcapngFile file = parsed(sink.bytes);
  CHECK(file.packets.size() == 3);
  CHECK(file.packets.back().comments == std::vector<std::string>{"in flight when the recording ends (to r1:eth1)"});
}

TEST_CASE("events that cannot be are named by their number", "[export]") {
  HandMadeReel reel = reel_with_one_good_frame();
  SECTION("a frame from a port that never was") {
    reel.frame(200, PortId{77}, ethernet(60), {copy_to(kR1, 250)});
    CHECK(error_of(reel).place == "event 8");
  }
  SECTION("a copy to a port that never was") {
    reel.frame(200, kR1, ethernet(60), {copy_to(PortId{77}, 200)});
    CHECK(error_of(reel).what == "copy 0 goes to a port that never was");
  }
  SECTION("a copy that is due before it was sent") {
    reel.frame(200, kR1, ethernet(60), {copy_to(kR2, 199)});
    CHECK(error_of(reel).what == "copy 0 is due before the frame arrived");
  }
  SECTION("time that goes back") {
    reel.add(300, Marker{"later", ""});
    reel.add(200, Marker{"earlier", ""});
    CHECK(error_of(reel).what == "lab time goes back");
  }
  SECTION("a number that comes twice") {
    reel.add(200, Marker{"first", ""});
    reel.add(200, Marker{"second", ""});
    reel.events.back().seq = Seq{8};
    CHECK(error_of(reel).what == "it comes after event 8");
  }
}

TEST_CASE("a time that pcap cannot say is an error, and pcapng holds it", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(std::uint64_t{1} << 63U, kR1, ethernet(60), {dropped(kR2, Reason::loss, 0)});
  CHECK(error_of(reel, Format::pcap).hint == "export to a .pcapng file instead");
  CHECK(exported_and_parsed(reel).packets.size() == 1);
}

TEST_CASE("a time beyond all time stays at the end of time", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  reel.frame(kNever.ns, kR1, ethernet(60), {copy_to(kR2, kNever.ns)});
  const PcapngFile file = exported_and_parsed(reel);
  REQUIRE(file.packets.size() == 2);
  CHECK(file.packets[1].time_ns == kNever.ns);
}

TEST_CASE("names of any length and bytes make a well-formed file", "[export]") {
  HandMadeReel reel;
  reel.add_lab();
  const std::string name = std::string(100'000, 'n') + std::string("\0\xff", 2);
  std::vector<Copy> copies(1000, dropped(kR1, Reason::loss, 100));
  reel.frame(100, kR1, ethernet(60), copies);
  ExportOptions options;
  options.filter = name;
  options.lab = name;
  options.addresses = {{"10.0.0.1", name}};
  const std::string bytes = exported(reel, options);
  const PcapngFile file = parsed(bytes);
  REQUIRE(file.packets.size() == 1);
  CHECK(file.packets[0].comments.size() == 257);
  CHECK(file.packets[0].comments.back() == "and 744 copies more");
  CHECK(lines_of("capinfos -M -c " + TemporaryFile("a.pcapng", bytes).path()).back() == "Number of packets:   1");
}

TEST_CASE("a full disk is an error that names the file", "[export]") {
  const HandMadeReel reel = reel_with_one_good_frame();
  ListSource first(reel.events);
  ListSource second(reel.events);
  const OwnedFd full(checked("open /dev/full", ::open("/dev/full", O_WRONLY | O_CLOEXEC)));
  FileSink sink(full.get(), "demo.pcapng");
  CHECK_THROWS_WITH(export_pcapng(first, second, {}, sink), Catch::Contains("demo.pcapng") && Catch::Contains("space"));
}

TEST_CASE("when nobody reads the pipe any more, the export stops reading the reel, without an error", "[export]") {
  struct CountingSource final : EventSource {
    Result<bool> next(Event& event) override {
      if (given == 100'000) return false;
      ++given;
      event = Event{Seq{given}, LabTime{given}, {}, NodeStarting{}};
      if (given == 1) event.body = NodeAdded{NodeId{0}, "r1", "namespace", {}};
      if (given == 2) event.body = PortAdded{PortId{0}, NodeId{0}, "eth1", {}};
      if (given > 2) event.body = Frame{kR1, std::as_bytes(std::span(bytes)), {}, 1500};
      return true;
    }
    std::uint64_t given = 0;
    std::string bytes = ethernet(1500);
  };
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const OwnedFd writing(ends[1]);
  close(ends[0]);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  CountingSource first;
  CountingSource second;
  FileSink sink(writing.get(), "-");
  CHECK(export_pcapng(first, second, {}, sink).ok());
  CHECK(second.given < 2000);
  static_cast<void>(std::signal(SIGPIPE, before));
}
