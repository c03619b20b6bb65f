#include "replay/position.h"

#include <catch2/catch.hpp>

#include "tests/replay/event_list.h"

using namespace labreel;
using labreel::test::EventList;

namespace {

void add_marked_lab(EventList& list) {
  list.add(LabTime{1'000}, LabBegun{"lab", "", "lab.yml", 1, "real", 1});
  list.add(LabTime{1'000'000'000}, Marker{"adjacency", "up"});
  list.add(LabTime{2'000'000'000}, Marker{"cut", ""});
  list.add(LabTime{2'000'000'000}, Marker{"adjacency", "again"});
  list.add(LabTime{2'500'000'000}, Marker{"end", ""});
  list.add(LabTime{3'000'000'000}, Marker{"odd#2", ""});
  list.add(LabTime{12'500'000'000}, LabEnded{"stopped"});
}

std::string refusal_of(const EventList& list, std::string_view position) {
  const auto seq = resolve_position(list, position);
  REQUIRE_FALSE(seq);
  CHECK(seq.error().kind == ErrorKind::usage);
  return seq.error().what;
}

}  // namespace

TEST_CASE("a position is a number, a marker, a time or the end", "[position]") {
  EventList list;
  add_marked_lab(list);
  const auto at = [&](std::string_view position) {
    const auto seq = resolve_position(list, position);
    INFO(position);
    REQUIRE(seq);
    return seq->value;
  };
  CHECK(at("1") == 1);
  CHECK(at("7") == 7);
  CHECK(at("end") == 7);
  CHECK(at("adjacency") == 2);
  CHECK(at("adjacency#1") == 2);
  CHECK(at("adjacency#2") == 4);
  CHECK(at("end#1") == 5);
  CHECK(at("odd#2") == 6);
  CHECK(at("odd#2#1") == 6);
  // As a time without its plus, and as a script reads it from a file with other line ends.
  CHECK(at("2.5s") == 5);
  CHECK(at("12500ms") == 7);
  CHECK(at("7\r\n") == 7);
  CHECK(at("cut\r") == 3);
}

TEST_CASE("a time is the last event at or before it", "[position]") {
  EventList list;
  add_marked_lab(list);
  CHECK(resolve_position(list, "+1s")->value == 2);
  CHECK(resolve_position(list, "+999999999ns")->value == 1);
  CHECK(resolve_position(list, "+2s")->value == 4);
  CHECK(resolve_position(list, "+12.5s")->value == 7);
  CHECK(resolve_position(list, "+1h")->value == 7);
  CHECK(refusal_of(list, "+999ns") == "there is no event at or before +999ns");
}

TEST_CASE("a number beyond the recording is refused with its range", "[position]") {
  EventList list;
  add_marked_lab(list);
  CHECK(refusal_of(list, "0") == "there is no event 0: the recording has events 1 to 7");
  CHECK(refusal_of(list, "8") == "there is no event 8: the recording has events 1 to 7");
  CHECK(refusal_of(list, "99999999999999999999999") ==
        "there is no event 99999999999999999999999: the recording has events 1 to 7");
}

TEST_CASE("a marker that is not there is refused with the nearest", "[position]") {
  EventList list;
  add_marked_lab(list);
  CHECK(refusal_of(list, "adjacancy") == "there is no marker \"adjacancy\" (did you mean adjacency?)");
  CHECK(refusal_of(list, "adjacancy#2") == "there is no marker \"adjacancy\" (did you mean adjacency?)");
  CHECK(refusal_of(list, "adjacency#3") == "there is no \"adjacency#3\": the recording has 2 markers of that name");
  CHECK(refusal_of(list, "cut#0") == "there is no \"cut#0\": the recording has 1 marker of that name");
  CHECK(refusal_of(list, "edn") == "there is no marker \"edn\" (did you mean end?)");
}

TEST_CASE("what is no position at all is refused", "[position]") {
  EventList list;
  add_marked_lab(list);
  for (const char* wrong : {"", "+", "+abc", "+-1s", "-1", "12x", "#1", "\x1b[2J"}) {
    const std::string what = refusal_of(list, wrong);
    CHECK_FALSE(what.empty());
    CHECK(what.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a recording without events has no position", "[position]") {
  const auto seq = resolve_position(EventList{}, "end");
  REQUIRE_FALSE(seq);
  CHECK(seq.error().kind == ErrorKind::input);
}
