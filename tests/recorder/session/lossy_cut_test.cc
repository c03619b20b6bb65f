// A lossy recording that is cut off anywhere, between a gap and its checkpoint too, can be gone on with.
#include <catch2/catch.hpp>

#include "replay/final_outcomes.h"
#include "replay/projection/lab_at.h"
#include "replay/verify.h"
#include "tests/recorder/session/lossy_lab.h"
#include "tests/replay/event_list.h"
#include "tests/sim/dice.h"

namespace labreel::test {
namespace {

// A random lab whose writer falls behind and catches up.
void record_lossy_lab(EventList& list, std::uint64_t seed) {
  sim::Dice dice{seed, 'C'};
  CableSettings cable;
  cable.delay_ns = dice.number(4) * kMs;
  cable.loss_ppb = dice.percent(50) ? kCertain_ppb / 5 : 0;
  cable.duplicate_ppb = dice.percent(50) ? kCertain_ppb / 5 : 0;
  ListSink reel{list};
  unsigned backlog = 0;
  LossyLab lab{reel, [&backlog] { return backlog; }, cable};
  for (int batch = 0; batch < 40; ++batch) {
    backlog = static_cast<unsigned>(dice.number(100));
    for (std::uint64_t sent = dice.number(4); sent > 0; --sent) {
      const auto from = static_cast<std::uint8_t>(dice.number(5));
      const auto to = static_cast<std::uint8_t>(dice.number(6));
      lab.send(PortId{from}, lab_frame(from, to == 5 ? 0xff : to, 200));
    }
    lab.settle();
    if (dice.percent(15)) lab.apply(LinkDown{kLinkA});
    if (dice.percent(15)) lab.apply(LinkUp{kLinkA});
    if (dice.percent(15)) lab.apply(PortDown{PortId{static_cast<std::uint32_t>(dice.number(5))}});
    lab.pass_ms(1);
  }
  lab.end();
}

// Ends the old run, begins another and lets it carry frames, as a session does (LabSession::end_old_run).
void go_on(EventList& list, FabricEnd end) {
  ListSink sink{list};
  LabTime now = end.time;
  for (const Event& outcome : end.awaited) sink.append(now, outcome.cause, outcome.body);
  const auto apply = [&](const EventBody& effect) {
    const auto outcomes = end.fabric.apply(effect, now);
    REQUIRE(outcomes);
    const Seq cause = sink.append(now, {}, effect);
    for (const Outcome& outcome : *outcomes) sink.append(now, cause, outcome);
  };
  apply(LabEnded{"cut off"});
  if (end.unproved) {
    for (const Outcome& outcome : *end.unproved) sink.append(now, {}, outcome);
    end.fabric.drain([](const Delivery&) {});
    sink.append(now, {}, Checkpoint{end.fabric.save()});
  }
  apply(LabBegun{"lossy", "name: lossy\n", "lab.yml", 7, "real", kFabricVersion});
  for (std::uint8_t i = 0; i < 5 && i < end.fabric.topology().ports().size(); ++i) {
    now = now + kMs;
    const std::string frame = lab_frame(i, 0xff, 100);
    const Bytes bytes{reinterpret_cast<const std::byte*>(frame.data()), frame.size()};
    const auto copies = end.fabric.arrive(PortId{i}, bytes, now, sink.next_seq());
    REQUIRE(copies);
    sink.append_frame(now, PortId{i}, bytes, *copies);
  }
  apply(LabEnded{"done"});
}

}  // namespace

TEST_CASE("a lossy recording that is cut off at any event goes on, and what follows is proved", "[lossy]") {
  std::size_t in_gaps = 0;
  std::size_t flying = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    EventList whole;
    record_lossy_lab(whole, seed);
    for (Seq cut{1}; cut <= whole.last(); cut = cut.next()) {
      INFO("seed " << seed << ", cut behind event " << cut.value << " of " << whole.last().value);
      EventList list;
      copy_events(whole, cut, list);
      const auto source = list.events();
      auto end = fabric_at_end(*source);
      if (!end) FAIL(end.error().what);
      const bool in_gap = end->unproved.has_value();
      if (in_gap) {
        ++in_gaps;
        flying += end->unproved->size();
      }
      go_on(list, *std::move(end));
      const auto again = list.events();
      const auto verified = verify_fabric(*again, true);
      if (!verified) FAIL(verified.error().what);
      INFO((verified->identical() ? "" : verified->difference->why));
      REQUIRE(verified->identical());
      REQUIRE_FALSE(verified->ranges.empty());
      REQUIRE(verified->ranges.back().to == list.last());
      const auto counts = tally(list);
      REQUIRE(counts.ok());
      REQUIRE(counts->holds());
      REQUIRE(counts->in_flight == 0);
      REQUIRE(lab_at(list, list.last()).ok());
    }
  }
  CHECK(in_gaps > 100);
  CHECK(flying > 100);
}

TEST_CASE("behind a gap that damage left nothing is gone on with", "[lossy]") {
  EventList list;
  record_lossy_lab(list, 1);
  ListSink sink{list};
  sink.append(LabTime{~0ULL >> 1U}, {}, Gap{"reel", 3, "lost", kNoPort});
  const auto source = list.events();
  const auto end = fabric_at_end(*source);
  REQUIRE_FALSE(end);
  CHECK_THAT(end.error().what, Catch::Contains("gap that damage left"));
}

}  // namespace labreel::test
