// What a lossy recording leaves out, and that what it has is exact: counts, decisions, outcomes, and the lab behind a
// gap.
#include <catch2/catch.hpp>

#include "engine/text/hex.h"
#include "replay/final_outcomes.h"
#include "replay/info.h"
#include "replay/projection/lab_at.h"
#include "replay/verify.h"
#include "tests/recorder/session/lossy_lab.h"
#include "tests/replay/event_list.h"
#include "tests/sim/dice.h"

namespace labreel::test {
namespace {

// A lossy lab whose reel is a list that is as far behind as the test says.
struct ListedLab {
  explicit ListedLab(const CableSettings& cable = {}, std::uint64_t checkpoint_bytes_max = 1 << 20)
      : lab(
            reel, [this] { return backlog; }, cable, checkpoint_bytes_max) {}

  EventList list;
  ListSink reel{list};
  unsigned backlog = 0;
  LossyLab lab;
};

template <class Body>
std::vector<Event> all(const EventList& list) {
  std::vector<Event> found;
  for (const Event& event : list.all()) {
    if (std::holds_alternative<Body>(event.body)) found.push_back(event);
  }
  return found;
}

std::uint64_t frames_in_gaps(const EventList& list) {
  std::uint64_t frames = 0;
  for (const Event& event : all<Gap>(list)) frames += std::get<Gap>(event.body).frames;
  return frames;
}

VerifyResult verified(const EventList& list) {
  const auto source = list.events();
  auto result = verify_fabric(*source, true);
  INFO((result ? "" : result.error().what));
  REQUIRE(result);
  INFO((result->difference ? std::to_string(result->difference->seq.value) + ": " + result->difference->why : ""));
  REQUIRE(result->identical());
  return std::move(*result);
}

void check_conservation(const EventList& list) {
  const auto counts = tally(list);
  REQUIRE(counts);
  CHECK(counts->holds());
}

// What the reel says of the lab at its end is what the fabric is.
void check_projection(const EventList& list, const LossyLab& lab) {
  auto at_end = lab_at(list, list.last());
  INFO((at_end ? "" : at_end.error().what));
  REQUIRE(at_end);
  REQUIRE(at_end->fabric.advance(lab.loop.now()).ok());
  at_end->fabric.drain([](const Delivery&) {});
  CHECK(at_end->fabric.save() == lab.fabric.save());
}

const std::string kLong = lab_frame(3, 4, 1'000);

}  // namespace

TEST_CASE("while the writer keeps up, a lossy recording keeps every byte", "[lossy]") {
  ListedLab it;
  it.backlog = 49;
  for (int i = 0; i < 20; ++i) it.lab.send(kLinkA, kLong);
  it.lab.pass_ms(5);
  it.lab.end();
  const auto frames = all<Frame>(it.list);
  REQUIRE(frames.size() == 20);
  for (const Event& event : frames) CHECK(std::get<Frame>(event.body).bytes.size() == 1'000);
  CHECK(all<Gap>(it.list).empty());
  CHECK(all<Checkpoint>(it.list).empty());
  CHECK(it.list.notes().empty());
}

TEST_CASE("payloads go first: a cut frame has its head, its length and its decisions, and verifies", "[lossy]") {
  CableSettings cable{.delay_ns = 3 * kMs, .rate_bps = 100'000'000, .queue_bytes = 8'000};
  cable.corrupt_ppb = kCertain_ppb / 2;
  ListedLab it{cable};
  it.backlog = 50;
  for (int i = 0; i < 20; ++i) it.lab.send(kLinkA, kLong);
  it.lab.send(kLinkA, lab_frame(3, 4, 128));
  it.backlog = 25;  // not yet: a quarter must be less than this
  it.lab.pass_ms(2);
  it.lab.send(kLinkA, kLong);
  it.backlog = 24;
  it.lab.pass_ms(2);
  it.lab.send(kLinkA, kLong);
  it.lab.pass_ms(5);
  it.lab.end();

  const auto frames = all<Frame>(it.list);
  REQUIRE(frames.size() == 23);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto& frame = std::get<Frame>(frames[i].body);
    CHECK(frame.length == (i == 20 ? 128 : 1'000));
    CHECK(as_text(frame.bytes) == kLong.substr(0, i == 22 ? 1'000 : 128));
  }
  CHECK(it.lab.sink.left_out().cut_short == 21);
  CHECK(it.lab.sink.left_out().unrecorded == 0);
  const VerifyResult result = verified(it.list);
  CHECK(result.frames == 23);
  REQUIRE(result.ranges.size() == 1);
  CHECK(result.ranges[0].to == it.list.last());
  check_conservation(it.list);
  check_projection(it.list, it.lab);
  const auto info = summarise(it.list);
  REQUIRE(info);
  CHECK(info->cut_short == 21);
  REQUIRE(it.list.notes().size() == 2);
  CHECK(it.list.notes()[0].kind == "lossy");
  CHECK(it.list.notes()[0].detail == R"({"keeps":"headers","at":0})");
}

TEST_CASE("whole frames go next: a gap counts them, its checkpoint ends what is not proved", "[lossy]") {
  ListedLab it{CableSettings{.loss_ppb = kCertain_ppb / 3}};
  for (int i = 0; i < 5; ++i) it.lab.send(kLanA, lab_frame(0, 1, 100));
  const Seq before = it.list.last();
  it.backlog = 85;
  for (int i = 0; i < 10; ++i) it.lab.send(kLanB, lab_frame(1, 0, 100));  // here the switch learns b
  it.backlog = 30;
  it.lab.send(kLanB, lab_frame(1, 0, 100));  // it is not all kept again before there is room
  CHECK(it.list.last() == before);
  it.backlog = 24;
  it.lab.pass_ms(2);
  REQUIRE(it.list.last().value == before.value + 2);
  const auto gaps = all<Gap>(it.list);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].seq == before.next());
  CHECK(std::get<Gap>(gaps[0].body) == Gap{"recorder", 11, "the reel's writer fell behind", kNoPort});
  const auto checkpoints = all<Checkpoint>(it.list);
  REQUIRE(checkpoints.size() == 1);
  it.lab.send(kLanA, lab_frame(0, 1, 100));  // known now: one copy
  it.lab.pass_ms(1);
  check_projection(it.list, it.lab);
  it.lab.end();

  const VerifyResult result = verified(it.list);
  REQUIRE(result.ranges.size() == 2);
  CHECK(result.ranges[0].from == kFirstSeq);
  CHECK(result.ranges[0].to == before);
  CHECK(result.ranges[1].from == checkpoints[0].seq);
  CHECK(result.ranges[1].to == it.list.last());
  CHECK(result.frames == 6);
  check_conservation(it.list);
  CHECK_FALSE(lab_at(it.list, gaps[0].seq));
  const auto info = summarise(it.list);
  REQUIRE(info);
  CHECK(info->unrecorded == 11);
}

TEST_CASE("outcomes are told of frames that were recorded, and of no others", "[lossy]") {
  ListedLab it{CableSettings{.delay_ns = 5 * kMs}};
  it.lab.send(kLinkA, kLong);
  const Seq recorded = it.list.last();
  it.backlog = 90;
  it.lab.send(kLinkA, kLong);
  it.lab.send(kLinkA, kLong);
  const Seq down = it.lab.apply(LinkDown{kLinkB});  // ends all three; the gap comes before it
  it.lab.apply(LinkUp{kLinkB});
  it.lab.send(kLinkA, kLong);
  it.lab.pass_ms(4);
  it.lab.refuses = [](const Delivery&) { return true; };
  it.backlog = 0;
  it.lab.pass_ms(6);  // the last one came due, was refused, and is still not told of
  it.lab.refuses = {};
  it.lab.end();

  const auto outcomes = all<Outcome>(it.list);
  REQUIRE(outcomes.size() == 1);
  CHECK(std::get<Outcome>(outcomes[0].body) == Outcome{recorded, 0, kLinkB, Reason::link_down});
  CHECK(outcomes[0].cause == down);
  const auto gaps = all<Gap>(it.list);
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].seq.next() == down);
  CHECK(std::get<Gap>(gaps[0].body).frames == 2);
  CHECK(std::get<Gap>(gaps[1].body).frames == 1);
  verified(it.list);
  check_conservation(it.list);
}

TEST_CASE("no checkpoint tells of a state with frames that the reel does not have", "[lossy]") {
  const bool cut_short = GENERATE(true, false);
  ListedLab it{CableSettings{.delay_ns = 5 * kMs}};
  it.backlog = cut_short ? 60 : 90;
  it.lab.send(kLinkA, kLong);
  it.backlog = 0;
  it.lab.pass_ms(1);
  it.lab.keep_checkpoint();    // too early
  it.lab.send(kLinkA, kLong);  // kept, and in flight when the checkpoint comes
  it.lab.pass_ms(3);
  CHECK(all<Checkpoint>(it.list).empty());
  CHECK_FALSE(it.lab.sink.is_exact());
  it.lab.pass_ms(1);
  REQUIRE(all<Checkpoint>(it.list).size() == 1);
  CHECK(it.lab.sink.is_exact());
  CHECK(it.lab.fabric.counts().in_flight == 1);
  check_projection(it.list, it.lab);
  it.lab.pass_ms(5);
  it.lab.end();
  CHECK(verified(it.list).ranges.size() == (cut_short ? 1 : 2));
  check_conservation(it.list);
}

TEST_CASE("a checkpoint that is too long for an event waits until less flies", "[lossy]") {
  ListedLab it{CableSettings{.delay_ns = 400 * kMs}, 20'000};
  it.backlog = 90;
  it.lab.send(kLanA, lab_frame(0, 1, 100));
  it.backlog = 0;
  it.lab.pass_ms(300);
  for (int i = 0; i < 40; ++i) it.lab.send(kLinkA, kLong);
  it.lab.pass_ms(399);
  CHECK(all<Checkpoint>(it.list).empty());
  it.lab.pass_ms(200);
  CHECK(all<Checkpoint>(it.list).size() == 1);
  it.lab.end();
  CHECK(verified(it.list).ranges.size() == 2);
}

TEST_CASE("a lab that ends in a gap has it counted, and ends known", "[lossy]") {
  ListedLab it{CableSettings{.delay_ns = 5 * kMs}};
  it.lab.send(kLinkA, kLong);
  it.backlog = 90;
  for (int i = 0; i < 7; ++i) it.lab.send(kLinkA, kLong);
  it.lab.end();
  CHECK(frames_in_gaps(it.list) == 7);
  CHECK(all<Outcome>(it.list).size() == 1);
  CHECK(it.list.all().back().kind() == EventKind::checkpoint);
  check_projection(it.list, it.lab);
  const VerifyResult result = verified(it.list);
  REQUIRE(result.ranges.size() == 2);
  CHECK(result.ranges[1].from == it.list.last());
  check_conservation(it.list);
  const auto source = it.list.events();
  CHECK(fabric_at_end(*source));  // the reel can be continued
}

TEST_CASE("whatever is left out when, the rest is exact", "[lossy]") {
  std::uint64_t gaps = 0;
  std::uint64_t states = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    sim::Dice dice{seed, 'L'};
    CableSettings cable;
    cable.delay_ns = dice.number(3) * dice.number(4) * kMs;
    cable.jitter_ns = dice.percent(30) ? cable.delay_ns / 2 : 0;
    cable.rate_bps = dice.percent(30) ? 20'000'000 : 0;
    cable.queue_bytes = 20'000;
    for (std::uint32_t* chance : {&cable.loss_ppb, &cable.duplicate_ppb, &cable.corrupt_ppb, &cable.reorder_ppb}) {
      if (dice.percent(40)) *chance = kCertain_ppb / 5;
    }
    ListedLab it{cable};
    it.lab.refuses = [&](const Delivery&) { return dice.percent(5); };
    for (int step = 0; step < 400; ++step) {
      if (dice.percent(5)) it.backlog = static_cast<unsigned>(dice.percent(50) ? dice.number(25) : dice.number(101));
      const PortId from{static_cast<std::uint32_t>(dice.number(5))};
      const auto to = static_cast<std::uint8_t>(dice.percent(20) ? 0xff : dice.number(5));
      if (dice.percent(70))
        it.lab.send(from, lab_frame(static_cast<std::uint8_t>(index_of(from)), to, 20 + dice.number(600)));
      if (dice.percent(40)) it.lab.pass_ms(1 + dice.number(3));
      it.lab.settle();
      if (dice.percent(4)) it.lab.keep_checkpoint();
      if (dice.percent(3)) it.lab.apply(LinkDown{from});
      if (dice.percent(5)) it.lab.apply(LinkUp{from});
      if (it.lab.sink.is_exact() && dice.percent(2)) {
        ++states;
        check_projection(it.list, it.lab);
      }
    }
    it.lab.end();
    const LeftOut& left_out = it.lab.sink.left_out();
    CHECK(frames_in_gaps(it.list) == left_out.unrecorded);
    CHECK(all<Frame>(it.list).size() + left_out.unrecorded == it.lab.fabric.counts().frames);
    const VerifyResult result = verified(it.list);
    for (const Event& gap : all<Gap>(it.list)) {
      ++gaps;
      for (const VerifiedRange& range : result.ranges) CHECK((gap.seq < range.from || gap.seq > range.to));
    }
    check_conservation(it.list);
    check_projection(it.list, it.lab);
  }
  CHECK(gaps > 200);
  CHECK(states > 200);
}

}  // namespace labreel::test
