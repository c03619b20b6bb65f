#include "replay/final_outcomes.h"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <filesystem>

#include "replay/reel_log.h"
#include "store/reel_writer.h"
#include "tests/determinism/reel_oracle.h"
#include "tests/replay/frame_maker.h"
#include "tests/replay/recorded_lab.h"

namespace labreel::test {
namespace {

constexpr PortId kPort1{0};
constexpr PortId kPort2{1};

Copy copy_due_at(std::uint64_t due_ns) { return Copy{kPort2, Reason::none, 0, 0, LabTime{due_ns}}; }
Copy dropped_copy(Reason reason) { return Copy{kPort2, reason, 0, 0, {}}; }

Conservation tally_of(const EventLog& log) {
  const auto counts = tally(log);
  REQUIRE(counts.ok());
  return *counts;
}

void check_equal(const Conservation& counts, const FabricCounts& fabric) {
  CHECK(counts.holds());
  CHECK(counts.frames == fabric.frames);
  CHECK(counts.copies == fabric.copies);
  CHECK(counts.delivered == fabric.delivered);
  CHECK(counts.in_flight == fabric.in_flight);
  CHECK(counts.dropped == fabric.dropped);
}

}  // namespace

TEST_CASE("a decision is the outcome unless a later event replaced it", "[outcomes]") {
  EventList list;
  add_two_nodes(list);
  const std::string bytes = ping_frame("10.0.0.1", "10.0.0.2", 1);
  const std::vector<Copy> copies{copy_due_at(100), copy_due_at(200), dropped_copy(Reason::loss)};
  const Seq frame = list.add_frame(LabTime{50}, kPort1, bytes, copies);
  list.add(LabTime{150}, LinkDown{kPort1});
  list.add(LabTime{150}, Outcome{frame, 1, kPort2, Reason::link_down}, list.last());
  list.add(LabTime{300}, LabEnded{});

  const auto outcomes = find_final_outcomes(list);
  REQUIRE(outcomes.ok());
  CHECK(outcomes->of(frame, 0, copies[0]).delivered());
  CHECK(outcomes->of(frame, 1, copies[1]).reason == Reason::link_down);
  CHECK(outcomes->of(frame, 2, copies[2]).reason == Reason::loss);

  const Conservation counts = tally_of(list);
  CHECK(counts.holds());
  CHECK(counts.copies == 3);
  CHECK(counts.delivered == 1);
  CHECK(counts.dropped[static_cast<std::size_t>(Reason::link_down)] == 1);
  CHECK(counts.dropped[static_cast<std::size_t>(Reason::loss)] == 1);
}

TEST_CASE("what is due after the end of a cut-off recording is in flight", "[outcomes]") {
  EventList list;
  add_two_nodes(list);
  list.add_frame(LabTime{50}, kPort1, ping_frame("10.0.0.1", "10.0.0.2", 1), {copy_due_at(100), copy_due_at(200)});
  list.add(LabTime{100}, Marker{"here", ""});
  const Conservation counts = tally_of(list);
  CHECK(counts.holds());
  CHECK(counts.delivered == 1);
  CHECK(counts.in_flight == 1);
}

TEST_CASE("an outcome without its copy breaks conservation", "[outcomes]") {
  EventList list;
  add_two_nodes(list);
  const Seq frame = list.add_frame(LabTime{50}, kPort1, ping_frame("10.0.0.1", "10.0.0.2", 1),
                                   {copy_due_at(100), dropped_copy(Reason::loss)});
  SECTION("of a copy that was dropped already") { list.add(LabTime{90}, Outcome{frame, 1, kPort2, Reason::link_down}); }
  SECTION("of a copy that there is not") { list.add(LabTime{90}, Outcome{frame, 2, kPort2, Reason::link_down}); }
  SECTION("of a frame that there is not") { list.add(LabTime{90}, Outcome{Seq{2}, 0, kPort2, Reason::link_down}); }
  SECTION("a second one of the same copy") {
    list.add(LabTime{90}, Outcome{frame, 0, kPort2, Reason::link_down});
    list.add(LabTime{90}, Outcome{frame, 0, kPort2, Reason::lab_ended});
  }
  const Conservation counts = tally_of(list);
  CHECK(counts.stray_outcomes == 1);
  CHECK_FALSE(counts.holds());
}

TEST_CASE("every copy of a random lab has one final outcome, as the fabric counted", "[outcomes]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    EventList list;
    ListSink sink(list);
    const FabricCounts fabric = record_random_lab(sink, seed, 1500);
    REQUIRE(fabric.frames > 100);
    REQUIRE(fabric.dropped[static_cast<std::size_t>(Reason::refused_by_node)] > 0);
    check_equal(tally_of(list), fabric);
    REQUIRE(fault_of(list) == "");
  }
}

TEST_CASE("conservation holds wherever a recording is cut off", "[outcomes]") {
  EventList list;
  ListSink sink(list);
  record_random_lab(sink, 3, 600);
  for (std::size_t end = 1; end < list.all().size(); end += 7) {
    EventList start;
    for (std::size_t i = 0; i < end; ++i) start.add(list.all()[i].time, list.all()[i].body, list.all()[i].cause);
    const Conservation counts = tally_of(start);
    INFO("after " << end << " events");
    REQUIRE(counts.holds());
  }
}

TEST_CASE("a recording's outcomes are the same when they are read from its reel", "[outcomes]") {
  const auto path = std::filesystem::temp_directory_path() / ("labreel-outcomes-" + std::to_string(::getpid()) + ".reel");
  std::filesystem::remove(path);
  FabricCounts fabric;
  {
    const auto reel = ReelWriter::create(path.string());
    fabric = record_random_lab(*reel, 5, 3000);
    reel->seal();
  }
  {
    const auto reel = ReelReader::open(path.string());
    REQUIRE(reel.ok());
    const ReelLog log(*reel);
    CHECK(log.complete());
    check_equal(tally_of(log), fabric);
    CHECK(fault_of(log) == "");
    const auto digest = log.digest_at(log.last());
    REQUIRE(digest.ok());
    CHECK(log.recorded_digest() == *digest);
  }
  std::filesystem::remove(path);
}

}  // namespace labreel::test
