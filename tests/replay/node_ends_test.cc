// How a lab's views tell a node that crashed from one that was stopped.
#include "replay/projection/node_ends.h"

#include <catch2/catch.hpp>

#include "engine/core/fabric.h"
#include "replay/projection/lab_at.h"
#include "tests/replay/event_list.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// Four nodes that run from 1 ns on.
void add_running_nodes(EventList& list) {
  list.add({}, LabBegun{"lab", "", "lab.yml", 1, "real", kFabricVersion});
  for (std::uint16_t i = 0; i < 4; ++i) list.add({}, NodeAdded{NodeId{i}, "r" + std::to_string(i), "namespace", {}});
  for (std::uint16_t i = 0; i < 4; ++i) list.add(LabTime{1}, NodeStarted{NodeId{i}});
}

LabAt at_end(const EventList& list) {
  auto lab = lab_at(list, list.last());
  REQUIRE(lab);
  return *std::move(lab);
}

NodeEnds ends_at_end(const EventList& list) { return node_ends(list, at_end(list).fabric.topology(), list.last()); }

}  // namespace

TEST_CASE("a node that died, or that a command crashed, is told from one that was stopped", "[projection]") {
  EventList list;
  add_running_nodes(list);
  const Seq died = list.add(LabTime{2'000'000'000}, NodeStopped{NodeId{0}, "died: killed by signal 9"});
  const Seq crash = list.add(LabTime{3'000'000'000}, Command{"node.crash", {"r1"}, "cli"});
  const Seq crashed = list.add(LabTime{3'000'000'001}, NodeStopped{NodeId{1}, "stopped"}, crash);
  const Seq stop = list.add(LabTime{4'000'000'000}, Command{"node.stop", {"r2"}, "cli"});
  const Seq stopped = list.add(LabTime{4'000'000'001}, NodeStopped{NodeId{2}, "stopped"}, stop);

  CHECK(ends_at_end(list) == NodeEnds{{NodeId{0}, {died, LabTime{2'000'000'000}, true, "killed by signal 9"}},
                                      {NodeId{1}, {crashed, LabTime{3'000'000'001}, true, "by the command node crash"}},
                                      {NodeId{2}, {stopped, LabTime{4'000'000'001}, false, "stopped"}}});

  const LabAt lab = at_end(list);
  const NodeEnds ends = ends_at_end(list);
  const std::string text = lab_to_text(lab, {}, ends);
  CHECK_THAT(text, Catch::Contains("node r0  crashed at 2.000000000 s (event 10): killed by signal 9\n"));
  CHECK_THAT(text, Catch::Contains("node r1  crashed at 3.000000001 s (event 12): by the command node crash\n"));
  CHECK_THAT(text, Catch::Contains("node r2  stopped at 4.000000001 s (event 14)\n"));
  CHECK_THAT(text, Catch::Contains("node r3  running\n"));
  const std::string json = lab_to_json(lab, {}, ends);
  CHECK_THAT(json, Catch::Contains(R"("node":"r0","kind":"namespace","state":"crashed",)"
                                   R"("ended":{"seq":10,"time":2000000000,"why":"killed by signal 9"})"));
  CHECK_THAT(json, Catch::Contains(R"("node":"r2","kind":"namespace","state":"stopped","ended":{"seq":14,)"));
  CHECK_THAT(json, Catch::Contains(R"("node":"r3","kind":"namespace","state":"running","ended":null)"));
  const std::string dot = lab_to_dot(lab, "x", ends);
  CHECK_THAT(dot, Catch::Contains("\"r0\" [style=\"rounded,dashed\", color=red, tooltip=\"crashed at 2.0"));
  CHECK_THAT(dot, Catch::Contains("\"r2\" [style=\"rounded,dashed\"];\n"));
  const std::string mermaid = lab_to_mermaid(lab, ends);
  CHECK_THAT(mermaid, Catch::Contains("n1[\"r1 – crashed\"]") && Catch::Contains("n2[\"r2\"]"));
}

TEST_CASE("only a node's last end counts, and none of one that runs or starts again", "[projection]") {
  EventList list;
  add_running_nodes(list);
  list.add(LabTime{2}, NodeStopped{NodeId{0}, "died: killed by signal 9"});
  list.add(LabTime{2}, NodeStopped{NodeId{1}, "died: killed by signal 9"});
  list.add(LabTime{2}, NodeStopped{NodeId{2}, "died: killed by signal 9"});
  for (std::uint16_t i = 0; i < 2; ++i) {
    list.add(LabTime{3}, NodeStarting{NodeId{i}});
    list.add(LabTime{3}, NodeStarted{NodeId{i}});
  }
  const Seq stopped = list.add(LabTime{5}, NodeStopped{NodeId{1}, "stopped"});
  list.add(LabTime{6}, NodeStarting{NodeId{2}});
  CHECK(ends_at_end(list) == NodeEnds{{NodeId{1}, {stopped, LabTime{5}, false, "stopped"}}});
}

TEST_CASE("an end that lies thousands of events back is found", "[projection]") {
  EventList list;
  add_running_nodes(list);
  const Seq died = list.add(LabTime{2}, NodeStopped{NodeId{3}, "died: killed by signal 11"});
  for (int i = 0; i < 5'000; ++i) list.add(LabTime{3}, Marker{"m", ""});
  CHECK(ends_at_end(list) == NodeEnds{{NodeId{3}, {died, LabTime{2}, true, "killed by signal 11"}}});
}

TEST_CASE("a hostile reason cannot steer a terminal from a lab's views", "[projection]") {
  EventList list;
  add_running_nodes(list);
  list.add(LabTime{2}, NodeStopped{NodeId{0}, "died: \x1b]0;PWN\x07\"\n"});
  const LabAt lab = at_end(list);
  for (const std::string& view : {lab_to_text(lab, {}, ends_at_end(list)), lab_to_json(lab, {}, ends_at_end(list)),
                                  lab_to_dot(lab, "x", ends_at_end(list)), lab_to_mermaid(lab, ends_at_end(list))}) {
    CHECK(view.find('\x1b') == std::string::npos);
    CHECK(view.find('\x07') == std::string::npos);
  }
}
