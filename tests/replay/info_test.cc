#include "replay/info.h"

#include <catch2/catch.hpp>

#include "replay/reasons.h"
#include "replay/sql/reel_query.h"
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
                 {Seq{8}, "stall", R"({"from":1000000000,"to":1200000000,"backlog":3})"},
                 {Seq{9}, "lateness", "{}"},
                 {Seq{9}, "lateness", R"({"copies":4,"max_ns":41097844,"until":15,"median_ns":2500000,"frame":8,"copy":0})"},
                 {Seq{9}, "lateness", R"({"copies":1,"max_ns":1500000,"until":16,"median_ns":1500000,"frame":9,"copy":1})"},
                 {Seq{9}, "stall", R"({"from":3000000000,"to":3300000000,"backlog":0})"}};
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
        R"("snapshots":[{"seq":12,"time":20,"name":"before","detail":"2 nodes"}],"packed":[],)"
        R"("dropped_at_start_and_stop":{"lab-ended":1},)"
        R"("late":{"copies":5,"median_ns":2500000,"worst_ns":41097844,"worst_seq":8},)"
        R"("stalled_ns":500000000,"longest_stall_ns":300000000,"reel":"","recording":false})");
}

TEST_CASE("info says how late the host was, and how long it stalled the lab", "[info]") {
  EventList list;
  add_lossy_lab(list);
  CHECK_THAT(to_text(*summarise(list)),
             Catch::Contains("\nlate       5 copies were given to their nodes after the due time, half of them 2.5 ms or more, "
                             "at worst 41.0 ms (event 8)\n") &&
                 Catch::Contains("\nnot seen   1 gap, 2 stalls, 0.500 s in all, the longest 0.300 s from 3.000 s\n"));
  list.notes_ = {{Seq{8}, "stall", R"({"from":1000000000,"to":1200000000,"backlog":3})"}};
  CHECK_THAT(to_text(*summarise(list)), Catch::Contains("\nnot seen   1 gap, 1 stall of 0.200 s from 1.000 s\n") &&
                                            !Catch::Contains("late   "));
  // As an older recorder wrote it, which kept no median.
  list.notes_ = {{Seq{9}, "lateness", R"({"copies":1,"max_ns":41097844,"until":2000000000})"}};
  CHECK_THAT(to_text(*summarise(list)),
             Catch::Contains("late       1 copy was given to its node after the due time, at worst 41.0 ms before 2.000 s\n"));
}

TEST_CASE("info tells drops at start and stop from findings", "[info]") {
  EventList list;
  add_two_nodes(list);
  const Seq early = list.add_frame(LabTime{10}, kR1, arp_request(), {dropped(Reason::node_stopped)});
  list.add(LabTime{11}, NodeStarted{NodeId{1}});
  list.add(LabTime{12}, NodeStopped{NodeId{1}, "died"});
  const Seq finding = list.add_frame(LabTime{13}, kR1, arp_request(), {dropped(Reason::node_stopped), scheduled(30)});
  list.add(LabTime{14}, Outcome{finding, 1, kR2, Reason::refused_by_node}, finding);
  list.add(LabTime{15}, Command{"stop", {}, "run"});
  const Seq late = list.add_frame(LabTime{16}, kR1, arp_request(), {dropped(Reason::node_stopped), scheduled(40), scheduled(99)});
  list.add(LabTime{17}, Outcome{late, 1, kR2, Reason::refused_by_node}, late);
  list.add_frame(LabTime{18}, kR1, arp_request(), {dropped(Reason::link_down)});
  const Seq ended = list.add(LabTime{20}, LabEnded{"stopped"});
  list.add(LabTime{20}, Outcome{late, 2, kR2, Reason::lab_ended}, ended);
  const auto info = summarise(list);
  REQUIRE(info);
  CHECK_THAT(to_text(*info), Catch::Contains("(1 link-down, 3 node-stopped, 2 refused-by-node, 1 lab-ended; 4 of them at start and stop)"));
  CHECK_THAT(to_json(*info), Catch::Contains(R"("dropped_at_start_and_stop":{"node-stopped":2,"refused-by-node":1,"lab-ended":1})"));
  auto query = ReelQuery::make(list, "SELECT seq, copy, edge FROM dropped WHERE edge IS NOT NULL");
  REQUIRE(query);
  std::vector<std::vector<SqlValue>> rows;
  std::vector<SqlValue> row;
  while (*(*query)->next(row)) rows.push_back(row);
  const auto seq = [](Seq of) { return SqlValue{static_cast<std::int64_t>(of.value)}; };
  using std::string;
  CHECK(rows == std::vector<std::vector<SqlValue>>{{seq(early), std::int64_t{0}, string{"start"}},
                                                   {seq(late), std::int64_t{0}, string{"stop"}},
                                                   {seq(late), std::int64_t{1}, string{"stop"}},
                                                   {seq(late), std::int64_t{2}, string{"stop"}}});
}

TEST_CASE("a reel that is being recorded is running, not cut off", "[info]") {
  EventList list;
  add_two_nodes(list);
  list.complete_ = false;
  auto info = summarise(list);
  REQUIRE(info);
  info->recording = true;
  info->file = "a\n.reel";
  CHECK_THAT(to_text(*info), Catch::StartsWith("file       a\\n.reel\n") && Catch::Contains("running") && !Catch::Contains("cut off"));
}

TEST_CASE("each reason of a drop is explained once", "[info]") {
  for (std::size_t i = 0; i < kReasonWords.size(); ++i) {
    CHECK(kReasonWords[i].reason == static_cast<Reason>(i + 1));
    CHECK(kReasonWords[i].meaning.ends_with("."));
    CHECK_THAT(reasons_text(), Catch::Contains(std::string(name_of(kReasonWords[i].reason))));
  }
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
  CHECK(to_text(*info).find("\nleft out   the payload of 1 frame, 12 frames altogether (--lossy)\n") != std::string::npos);
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
                                 Catch::Contains(R"("markers":[],"snapshots":[],"packed":[],)"));
  CHECK_THAT(to_text(*info), Catch::Contains("cut off"));
}

TEST_CASE("info for people names the same numbers and no control character", "[info]") {
  EventList list;
  add_lossy_lab(list);
  list.add(LabTime{1'500'000'022}, Marker{"evil\x1b[2J", "bell\a"});
  const auto info = summarise(list);
  REQUIRE(info);
  const std::string text = to_text(*info);
  CHECK_THAT(text, Catch::Contains("6: 1 delivered, 5 dropped (2 loss, 1 queue-full, 1 refused-by-node, 1 lab-ended; 1 of them at start and stop)"));
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
