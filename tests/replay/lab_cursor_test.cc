#include "replay/projection/lab_cursor.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>

#include "engine/core/wire_words.h"
#include "tests/replay/recorded_lab.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// A recording whose readers find its checkpoints, or are told wrong ones.
class IndexedLog final : public EventLog {
 public:
  explicit IndexedLog(const EventList& list) : list_(list) {}
  std::unique_ptr<EventSource> events(Seq from = kFirstSeq, Seq to = kLastSeq) const override {
    return list_.events(from, to);
  }
  Result<Event> event_at(Seq seq) const override { return list_.event_at(seq); }
  Result<Seq> last_at_or_before(LabTime time) const override { return list_.last_at_or_before(time); }
  Seq checkpoint_before(Seq seq) const override {
    ++asked_;
    if (lie_) return *lie_;
    Seq found;
    for (const Event& event : list_.all()) {
      if (event.seq <= seq && event.kind() == EventKind::checkpoint) found = event.seq;
    }
    return found;
  }
  Seq last() const override { return list_.last(); }
  bool complete() const override { return true; }
  std::uint32_t format_version() const override { return 1; }
  const std::vector<HostNote>& notes() const override { return list_.notes(); }
  Result<std::string> digest_at(Seq seq) const override { return list_.digest_at(seq); }
  std::optional<std::string> recorded_digest() const override { return {}; }

  mutable int asked_ = 0;
  std::optional<Seq> lie_;

 private:
  const EventList& list_;
};

// Everything that the lab at a position is.
std::string state_at(LabCursor& cursor, Seq at) {
  const Status found = cursor.seek(at);
  INFO("at event " << at.value << ": " << (found ? "" : found.error().what));
  REQUIRE(found.ok());
  CHECK(cursor.lab().at == at);
  return cursor.lab().fabric.save() + lab_to_json(cursor.lab());
}

std::unique_ptr<const EventList> recorded(std::uint64_t seed, std::size_t steps) {
  auto list = std::make_unique<EventList>();
  ListSink sink{*list};
  record_random_lab(sink, seed, steps);
  return list;
}

// The list again, with one event's body another.
std::unique_ptr<const EventList> with_body(const EventList& list, Seq seq, const EventBody& body) {
  auto changed = std::make_unique<EventList>();
  for (const Event& event : list.all()) changed->add(event.time, event.seq == seq ? body : event.body, event.cause);
  return changed;
}

Seq first_checkpoint_behind(const EventList& list, Seq seq) {
  for (const Event& event : list.all()) {
    if (event.seq > seq && event.kind() == EventKind::checkpoint) return event.seq;
  }
  FAIL("there is no checkpoint");
  return {};
}

}  // namespace

TEST_CASE("the lab is the same reached forwards, backwards and by a jump", "[projection]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    const auto recording = recorded(seed, 400);
    const EventList& list = *recording;
    LabCursor forwards{list};
    std::vector<std::string> states;
    for (Seq seq = kFirstSeq; seq <= list.last(); seq = seq.next()) states.push_back(state_at(forwards, seq));
    LabCursor backwards{list};
    for (std::uint64_t back = 0; back < 40; ++back) {
      const Seq seq{list.last().value - back * (list.last().value / 41)};
      CHECK(state_at(backwards, seq) == states[seq.value - 1]);
    }
    const IndexedLog indexed{list};
    std::mt19937_64 random{seed};
    LabCursor here_and_there{indexed};
    for (int i = 0; i < 60; ++i) {
      const Seq seq{1 + random() % list.last().value};
      CHECK(state_at(here_and_there, seq) == states[seq.value - 1]);
      LabCursor jump{indexed};
      CHECK(state_at(jump, seq) == states[seq.value - 1]);
    }
    CHECK(indexed.asked_ > 60);
  }
}

TEST_CASE("a long recording is the same in three directions where states were saved on the way", "[projection]") {
  const auto recording = recorded(99, 12'000);
  const EventList& list = *recording;
  REQUIRE(list.last().value > 9000);
  LabCursor cursor{list};
  std::mt19937_64 random{99};
  std::map<Seq, std::string> states;
  for (int i = 0; i < 25; ++i) states[Seq{1 + random() % list.last().value}];
  for (auto& [seq, state] : states) state = state_at(cursor, seq);
  for (auto each = states.rbegin(); each != states.rend(); ++each) CHECK(state_at(cursor, each->first) == each->second);
  const IndexedLog indexed{list};
  for (const auto& [seq, state] : states) {
    LabCursor jump{indexed};
    CHECK(state_at(jump, seq) == state);
  }
}

TEST_CASE("an index that names no checkpoint changes nothing", "[projection]") {
  const auto recording = recorded(3, 300);
  const EventList& list = *recording;
  IndexedLog lying{list};
  const Seq at{list.last().value / 2};
  LabCursor honest{list};
  const std::string state = state_at(honest, at);
  for (const Seq lie : {Seq{0}, Seq{2}, at, at.next(), Seq{~std::uint64_t{0}}}) {
    lying.lie_ = lie;
    LabCursor cursor{lying};
    CHECK(state_at(cursor, at) == state);
  }
}

TEST_CASE("a checkpoint of another state is found when folding across it, one of no state is not believed", "[projection]") {
  const auto recording = recorded(4, 300);
  const EventList& list = *recording;
  const Seq checkpoint = first_checkpoint_behind(list, Seq{70});
  const auto forged = with_body(list, checkpoint, Checkpoint{Fabric{77}.save()});
  const auto torn = with_body(list, checkpoint, Checkpoint{"no state"});
  for (const EventList* log : {forged.get(), torn.get()}) {
    LabCursor cursor{*log};
    const Status found = cursor.seek(checkpoint.next());
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().kind == ErrorKind::input);
    CHECK(found.error().place == "event " + std::to_string(checkpoint.value));
    LabCursor honest{list};
    CHECK(state_at(cursor, Seq{checkpoint.value - 1}) == state_at(honest, Seq{checkpoint.value - 1}));
  }
  const IndexedLog indexed{*torn};
  LabCursor jump{indexed};
  CHECK_FALSE(jump.seek(checkpoint.next()).ok());
}

TEST_CASE("behind a gap the lab is known again from the next checkpoint on", "[projection]") {
  const auto recording = recorded(5, 400);
  const EventList& list = *recording;
  Seq hole;
  for (const Event& event : list.all()) {
    if (event.seq.value > 80 && event.kind() == EventKind::marker) {
      hole = event.seq;
      break;
    }
  }
  const Seq checkpoint = first_checkpoint_behind(list, hole);
  REQUIRE(checkpoint > hole.next());
  const auto holed = with_body(list, hole, Gap{"reel", 3, "lost", kNoPort});
  LabCursor whole{list};
  LabCursor cursor{*holed};
  for (const Seq known : {Seq{hole.value - 1}, checkpoint, checkpoint.next(), list.last()}) {
    CHECK(state_at(cursor, known) == state_at(whole, known));
  }
  const Status unknown = cursor.seek(hole.next());
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().place == "event " + std::to_string(hole.value));
  CHECK(state_at(cursor, Seq{hole.value - 1}) == state_at(whole, Seq{hole.value - 1}));
}

TEST_CASE("a gap on the other side of the fabric leaves the lab known", "[projection]") {
  const auto recording = recorded(5, 400);
  const EventList& list = *recording;
  const auto marker = std::find_if(list.all().begin(), list.all().end(), [](const Event& event) {
    return event.seq.value > 80 && event.kind() == EventKind::marker;
  });
  REQUIRE(marker != list.all().end());
  LabCursor whole{list};
  for (const GapPlace place : {GapPlace::before_fabric, GapPlace::after_fabric}) {
    const auto with_gap = with_body(list, marker->seq, Gap{std::string(GapWhere(place).text()), 1, "the node's ring was full", kNoPort});
    LabCursor cursor{*with_gap};
    for (const Seq known : {marker->seq, marker->seq.next(), list.last()}) CHECK(state_at(cursor, known) == state_at(whole, known));
  }
}

TEST_CASE("an event that is not there cannot be gone to", "[projection]") {
  const auto recording = recorded(6, 50);
  const EventList& list = *recording;
  LabCursor cursor{list};
  for (const Seq wrong : {Seq{0}, list.last().next(), kLastSeq}) {
    const Status found = cursor.seek(wrong);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().kind == ErrorKind::usage);
  }
  const EventList empty;
  LabCursor nothing{empty};
  CHECK_FALSE(nothing.seek(kFirstSeq).ok());
}
