// What the readers say of a reel that the store really wrote.
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "replay/event_filter.h"
#include "replay/event_json.h"
#include "replay/info.h"
#include "replay/position.h"
#include "replay/reel_log.h"
#include "store/reel_writer.h"
#include "tests/replay/event_list.h"
#include "tests/temp_folder.h"

using namespace labreel;
using labreel::test::add_two_nodes;
using labreel::test::arp_request;
using labreel::test::EventList;

namespace {

class ReelFile {
 public:
  std::string path() const { return folder_ / "lab.reel"; }

 private:
  TempFolder folder_;
};

void add_traffic(EventList& list) {
  add_two_nodes(list);
  const PortId sender{0};
  const PortId receiver{1};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const LabTime at{i * 1'000'000};
    list.add_frame(at, sender, arp_request(), {{receiver, i % 10 == 0 ? Reason::loss : Reason::none, 0, 0, at}});
    if (i == 500) list.add(at, Marker{"half", "half of it"});
  }
  list.add(LabTime{1'000'000'000}, Outcome{Seq{8}, 0, receiver, Reason::refused_by_node}, Seq{8});
  list.add(LabTime{1'000'000'000}, LabEnded{"stopped"});
}

void write_reel(const EventList& list, const std::string& path, bool sealed) {
  const auto writer = ReelWriter::create(path);
  writer->note("begin-utc", R"({"utc":"2026-01-02T03:04:05Z"})");
  for (const Event& event : list.all()) {
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      writer->append_frame(event.time, frame->port, frame->bytes, frame->copies);
    } else {
      writer->append(event.time, event.cause, event.body);
    }
  }
  if (sealed) writer->seal();
}

std::vector<std::string> lines_of(EventSource& source) {
  std::vector<std::string> lines;
  EventJson printer(true);
  Event event;
  while (true) {
    const auto more = source.next(event);
    REQUIRE(more);
    if (!*more) return lines;
    lines.push_back(printer.line(event));
  }
}

}  // namespace

TEST_CASE("a reel prints as what was appended to it", "[reel]") {
  EventList list;
  add_traffic(list);
  const ReelFile file;
  const bool sealed = GENERATE(true, false);
  write_reel(list, file.path(), sealed);
  const auto reel = ReelReader::open(file.path());
  REQUIRE(reel);
  CHECK(lines_of(*ReelLog(*reel).events()) == lines_of(*list.events()));
}

TEST_CASE("info of a reel counts final outcomes and has its digest", "[reel]") {
  EventList list;
  add_traffic(list);
  const ReelFile file;
  const bool sealed = GENERATE(true, false);
  write_reel(list, file.path(), sealed);
  const auto reel = ReelReader::open(file.path());
  REQUIRE(reel);
  const auto info = summarise(*reel);
  REQUIRE(info);
  CHECK(info->events == 1009);
  CHECK(info->frames == 1000);
  CHECK(info->copies == 1000);
  CHECK(info->delivered == 899);
  CHECK(info->dropped[static_cast<std::size_t>(Reason::loss)] == 100);
  CHECK(info->dropped[static_cast<std::size_t>(Reason::refused_by_node)] == 1);
  CHECK(info->complete == sealed);
  CHECK(info->begin_utc == "2026-01-02T03:04:05Z");
  CHECK(info->digest.size() == 64);
  if (sealed) CHECK(info->digest == reel->recorded_digest());
}

TEST_CASE("positions and filters work on a reel", "[reel]") {
  EventList list;
  add_traffic(list);
  const ReelFile file;
  write_reel(list, file.path(), true);
  const auto reel = ReelReader::open(file.path());
  REQUIRE(reel);
  CHECK(resolve_position(ReelLog{*reel}, "half")->value == 508);
  CHECK(resolve_position(ReelLog{*reel}, "end")->value == 1009);
  CHECK(resolve_position(ReelLog{*reel}, "+500ms")->value == 508);
  CHECK(resolve_position(ReelLog{*reel}, "+500.5ms")->value == 508);
  CHECK_FALSE(resolve_position(ReelLog{*reel}, "1010"));
  const ReelLog log(*reel);
  CHECK(ports_of(log).value() == std::vector<std::string>{"r1:eth1", "r2:eth1"});
  CHECK_FALSE(EventFilter::make({.port = "r3:eth1"}, log));
}
