// A recording that is cut off anywhere and goes on: verify proves both runs as one, and every copy has one end.
#include <catch2/catch.hpp>

#include "replay/final_outcomes.h"
#include "replay/projection/lab_at.h"
#include "replay/verify.h"
#include "tests/replay/recorded_lab.h"

namespace labreel::test {
namespace {

// Ends the old run as the recorder does, then begins a new one in which a frame arrives from every port.
void go_on(EventList& list, FabricEnd end, std::uint64_t seed, bool has_ended) {
  for (const Event& outcome : end.awaited) list.add(end.time, outcome.body, outcome.cause);
  const Seq command = list.add(end.time, Command{"continue", {"random.yml"}, "run"});
  const auto apply = [&](const EventBody& effect) {
    const auto outcomes = end.fabric.apply(effect, end.time);
    REQUIRE(outcomes.ok());
    const Seq seq = list.add(end.time, effect, command);
    for (const Outcome& outcome : *outcomes) list.add(end.time, outcome, seq);
  };
  for (const NodeInfo& node : end.fabric.topology().nodes()) {
    if (node.running) apply(NodeStopped{node.added.node, "the recorder ended"});
  }
  if (!has_ended) apply(LabEnded{"cut off"});
  apply(LabBegun{"random", "name: random\n", "random.yml", seed, "real", kFabricVersion});
  for (const NodeInfo& node : std::vector<NodeInfo>{end.fabric.topology().nodes()}) {
    if (!node.removed) apply(NodeStarted{node.added.node});
  }
  for (const PortInfo& port : std::vector<PortInfo>{end.fabric.topology().ports()}) {
    if (port.removed) continue;
    end.time = end.time + 1'000;
    const std::string bytes = arp_request();
    const auto copies = end.fabric.arrive(port.added.port, as_bytes(bytes), end.time, list.last().next());
    REQUIRE(copies.ok());
    list.add_frame(end.time, port.added.port, bytes, {copies->begin(), copies->end()});
    end.fabric.drain([](const Delivery&) {});
  }
  apply(LabEnded{"stopped"});
}

}  // namespace

TEST_CASE("wherever a recording is cut off, it goes on, verifies from end to end, and every copy has one end",
          "[verify]") {
  std::size_t cut_among_outcomes = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    EventList whole;
    ListSink sink{whole};
    record_random_lab(sink, seed, 120);
    for (Seq cut{1}; cut <= whole.last(); cut = cut.next()) {
      INFO("seed " << seed << ", cut behind event " << cut.value << " of " << whole.last().value);
      EventList list;
      copy_events(whole, cut, list);
      const auto source = list.events();
      auto end = fabric_at_end(*source);
      if (!end) FAIL(end.error().what);
      REQUIRE(end->last == cut);
      if (!end->awaited.empty()) ++cut_among_outcomes;
      go_on(list, *std::move(end), seed, false);
      const auto again = list.events();
      const auto verified = verify_fabric(*again, true);
      if (!verified) FAIL(verified.error().what);
      INFO((verified->identical() ? "" : verified->difference->why));
      REQUIRE(verified->identical());
      REQUIRE(verified->ranges.size() == 1);
      const auto counts = tally(list);
      REQUIRE(counts.ok());
      REQUIRE(counts->holds());
      REQUIRE(counts->in_flight == 0);
      REQUIRE(lab_at(list, list.last()).ok());
    }
  }
  CHECK(cut_among_outcomes > 10);
}

TEST_CASE("a lab that begins again before its end, or with another seed, is a difference", "[verify]") {
  for (const bool has_ended : {false, true}) {
    EventList list;
    add_two_nodes(list);
    if (has_ended) list.add({}, LabEnded{"stopped"});
    const Seq again = list.add({}, LabBegun{"two", "name: two\n", "lab.yml", has_ended ? 43U : 42U, "real", 1});
    const auto source = list.events();
    const auto verified = verify_fabric(*source, true);
    REQUIRE(verified.ok());
    REQUIRE_FALSE(verified->identical());
    CHECK(verified->difference->seq == again);
  }
}

TEST_CASE("what a cut-off run may have lost leaves no doubt about the switch", "[verify]") {
  for (const std::string where : {"cut-off", "reel"}) {
    EventList list;
    add_two_nodes(list);
    list.add({}, Gap{where, 0, "the ring is gone", kNoPort});
    const Seq last = list.add({}, NodeStarted{NodeId{0}});
    const auto source = list.events();
    const auto verified = verify_fabric(*source, false);
    REQUIRE(verified.ok());
    CHECK(verified->ranges.back().to == (where == "cut-off" ? last : Seq{6}));
  }
}

}  // namespace labreel::test
