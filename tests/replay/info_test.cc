#include "replay/info.h"

#include <catch2/catch.hpp>

#include "tests/replay/event_list.h"

using namespace labreel;
using labreel::test::add_two_nodes;
using labreel::test::arp_request;
using labreel::test::EventList;

namespace {

constexpr PortId kR1{0};
constexpr PortId kR2{1};

Copy scheduled(std::uint64_t due_ns) { return {kR2, Reason::none, 0, 0, LabTime{due_ns}}; }
Copy dropped(Reason reason) { return {kR2, reason, 0, 0, {}}; }

// Six copies: 3 scheduled, of which 2 end otherwise; 2 lost, 1 queue-full.
void add_lossy_lab(EventList& list) {
  add_two_nodes(list);
  const Seq first = list.add_frame(LabTime{10}, kR1, arp_request(), {scheduled(20), dropped(Reason::loss)});
  const Seq second = list.add_frame(LabTime{11}, kR1, arp_request(), {scheduled(21), scheduled(22)});
  list.add_frame(LabTime{12}, kR1, arp_request(), {dropped(Reason::queue_full), dropped(Reason::loss)});
  list.add(LabTime{20}, Outcome{first, 0, kR2, Reason::refused_by_node}, first);
  list.add(LabTime{20}, Marker{"cut", "now"});
  list.add(LabTime{20}, Snapshot{"before", "2 nodes"});
  list.add(LabTime{21}, Gap{"before-fabric", 2, "tx_dropped", kR1});
  const Seq ended = list.add(LabTime{1'500'000'021}, LabEnded{"stopped"});
  list.add(LabTime{1'500'000'021}, Outcome{second, 1, kR2, Reason::lab_ended}, ended);
  list.notes_ = {{Seq{}, "host", R"({"name":"h"})"},
                 {Seq{}, "begin-utc", R"({"utc": "2026-01-02T03:04:05.678901234Z"})"},
                 {Seq{8}, "stall", "{}"},
                 {Seq{9}, "lateness", "{}"},
                 {Seq{9}, "stall", "{}"}};
}

}  // namespace

TEST_CASE("info counts copies by what finally became of them", "[info]") {
  EventList list;
  add_lossy_lab(list);
  const auto info = summarise(list);
  REQUIRE(info);
  CHECK(info->copies == 6);
  CHECK(info->delivered == 1);
  std::uint64_t sum = info->delivered;
  for (const std::uint64_t count : info->dropped) sum += count;
  CHECK(sum == info->copies);
}

TEST_CASE("info as JSON has the keys of the contract in their order", "[info]") {
  EventList list;
  add_lossy_lab(list);
  const auto info = summarise(list);
  REQUIRE(info);
  CHECK(to_json(*info) ==
        R"({"lab":"two","format":1,"fabric":1,"level":"fabric","clock":"real","seed":42,"events":15,"frames":3,)"
        R"("copies":6,"delivered":1,"dropped":{"loss":2,"queue-full":1,"refused-by-node":1,"lab-ended":1},)"
        R"("gaps":1,"stalls":2,"cut_short":0,"unrecorded":0,"nodes":2,"links":1,"lans":0,"runs":1,"begin_utc":"2026-01-02T03:04:05.678901234Z",)"
        R"("duration_ns":1500000021,"complete":true,"digest":"digest-at-15",)"
        R"("markers":[{"seq":11,"time":20,"name":"cut","note":"now"}],)"
        R"("snapshots":[{"seq":12,"time":20,"name":"before","detail":"2 nodes"}],"packed":[]})");
}

TEST_CASE("info says what --lossy left out", "[info]") {
  EventList list;
  add_two_nodes(list);
  list.add_frame(LabTime{10}, kR1, arp_request(), {scheduled(20)}, 1'514);
  list.add_frame(LabTime{10}, kR1, arp_request(), {scheduled(20)});
  list.add(LabTime{20}, Gap{"recorder", 12, "behind", kNoPort});
  list.add(LabTime{21}, Gap{"before-fabric", 2, "tx_dropped", kR1});
  const auto info = summarise(list);
  REQUIRE(info);
  CHECK(info->cut_short == 1);
  CHECK(info->unrecorded == 12);
  CHECK(info->gaps == 2);
  CHECK(to_text(*info).find("\nleft out   the payload of 1 frames, 12 frames altogether (--lossy)\n") != std::string::npos);
}

TEST_CASE("info of a cut-off recording without notes says so", "[info]") {
  EventList list;
  add_two_nodes(list);
  list.complete_ = false;
  list.notes_ = {{Seq{}, "begin-utc", R"({"utc":"no end)"}};
  const auto info = summarise(list);
  REQUIRE(info);
  CHECK_FALSE(info->complete);
  CHECK_FALSE(info->begin_utc);
  CHECK_THAT(to_json(*info), Catch::Contains(R"("dropped":{},)") && Catch::Contains(R"("begin_utc":null,)") &&
                                 Catch::Contains(R"("complete":false,)") &&
                                 Catch::Contains(R"("markers":[],"snapshots":[],"packed":[]})"));
  CHECK_THAT(to_text(*info), Catch::Contains("cut off"));
}

TEST_CASE("info for people names the same numbers and no control character", "[info]") {
  EventList list;
  add_lossy_lab(list);
  list.add(LabTime{1'500'000'022}, Marker{"evil\x1b[2J", "bell\a"});
  const auto info = summarise(list);
  REQUIRE(info);
  const std::string text = to_text(*info);
  CHECK_THAT(text, Catch::Contains("6: 1 delivered, 5 dropped (2 loss, 1 queue-full, 1 refused-by-node, 1 lab-ended)"));
  CHECK_THAT(text, Catch::Contains("1.500 s of lab time"));
  CHECK(text.find_first_of("\x1b\a") == std::string::npos);
  CHECK_FALSE(text.ends_with("\n"));
}

TEST_CASE("info refuses outcomes and reasons that cannot be, with the place", "[info]") {
  EventList outcome_first;
  outcome_first.add({}, Outcome{Seq{9}, 0, kR2, Reason::link_down});
  CHECK(summarise(outcome_first).error().place == "event 1");
  EventList unknown_reason;
  unknown_reason.add_frame({}, kR1, "", {dropped(static_cast<Reason>(200))});
  const auto info = summarise(unknown_reason);
  REQUIRE_FALSE(info);
  CHECK(info.error().kind == ErrorKind::input);
}
