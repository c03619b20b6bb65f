#include "recorder/verbs/progress.h"

#include <catch2/catch.hpp>

#include "tests/replay/event_list.h"

using namespace labreel;
using namespace labreel::test;

namespace {

constexpr std::string_view kErased = "\r\x1b[K";

// A terminal that keeps what is written, at a time that the test sets.
struct Terminal {
  Progress::Clock::time_point now{};
  std::string written;
  Progress::Surroundings surroundings(bool is_terminal = true) {
    return {is_terminal, [this] { return now; }, [this](std::string_view text) { written += text; }};
  }
  void pass(std::chrono::milliseconds time) { now += time; }
};

}  // namespace

TEST_CASE("what takes less than a second shows no progress", "[progress]") {
  Terminal terminal;
  {
    Progress progress{"verify", 10, terminal.surroundings()};
    for (std::uint64_t i = 0; i < 9; ++i) {
      terminal.pass(std::chrono::milliseconds{100});
      progress.at(i);
    }
  }
  CHECK(terminal.written.empty());
}

TEST_CASE("what takes longer shows its progress at most five times a second and erases it at the end", "[progress]") {
  Terminal terminal;
  {
    Progress progress{"verify", 4000, terminal.surroundings()};
    terminal.pass(std::chrono::milliseconds{999});
    for (std::uint64_t i = 1000; i < 2000; ++i) {
      terminal.pass(std::chrono::milliseconds{1});
      progress.at(i);
    }
    CHECK(terminal.written.find("\r\x1b[Kverify: 1000 of 4000 events (25 %)\r\x1b[Kverify: 1200 of 4000 events (30 %)") == 0);
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = terminal.written.find(kErased, at)) != std::string::npos; ++at) ++lines;
    CHECK(lines == 5);
    CHECK_FALSE(terminal.written.ends_with(kErased));
  }
  CHECK(terminal.written.ends_with(kErased));
}

TEST_CASE("progress says what it counts", "[progress]") {
  Terminal terminal;
  Progress progress{"import", 10, terminal.surroundings(), "packets"};
  terminal.pass(std::chrono::milliseconds{1500});
  progress.at(5);
  CHECK(terminal.written == "\r\x1b[Kimport: 5 of 10 packets (50 %)");
}

TEST_CASE("progress writes nothing where stderr is no terminal", "[progress]") {
  Terminal terminal;
  {
    Progress progress{"verify", 0, terminal.surroundings(false)};
    terminal.pass(std::chrono::milliseconds{5000});
    progress.at(7);
  }
  CHECK(terminal.written.empty());
}

TEST_CASE("progress that was hidden for something else comes back, and is erased only if it is there", "[progress]") {
  Terminal terminal;
  {
    Progress progress{"branch", 0, terminal.surroundings()};
    terminal.pass(std::chrono::milliseconds{1500});
    progress.at(7);
    progress.hide();
    progress.hide();
  }
  CHECK(terminal.written == "\r\x1b[Kbranch: 7 events\r\x1b[K");
}

TEST_CASE("events that are read through a log with progress are the same events, each counted", "[progress]") {
  EventList list;
  add_two_nodes(list);
  Terminal terminal;
  Progress progress{"export", list.last().value, terminal.surroundings()};
  terminal.pass(std::chrono::milliseconds{1500});
  const ProgressLog log{list, progress};
  const auto source = log.events(Seq{2});
  Event event;
  const auto more = source->next(event);
  REQUIRE(more);
  CHECK(*more);
  CHECK(event.seq == Seq{2});
  CHECK(terminal.written.find("export: 1 of 6 events") != std::string::npos);
  CHECK(log.last() == list.last());
}
