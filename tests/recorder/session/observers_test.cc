// Who observes a lab: told after each event; a comparison with a recording, with and without a parting; positions.
#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "recorder/session/comparison.h"
#include "recorder/session/position_watch.h"
#include "tests/recorder/session/fakes.h"

using namespace labreel;
using namespace labreel::test;

namespace {

constexpr std::array<std::byte, 3> kBytes{std::byte{1}, std::byte{2}, std::byte{3}};

// A recording of five events; `lan` makes its third another one.
std::vector<Event> recording(const std::string& lan = "office", std::optional<BranchPoint> branch = std::nullopt) {
  LabBegun begun;
  begun.lab = "small";
  begun.branch = std::move(branch);
  return {{Seq{1}, LabTime{0}, {}, begun},
          {Seq{2}, LabTime{5}, {}, Command{"mark", {lan}, OriginKind::cli}},
          {Seq{3}, LabTime{6}, Seq{2}, Marker{lan, "", {}}},
          {Seq{4}, LabTime{7}, {}, Frame{PortId{1}, kBytes, {}, 3}},
          {Seq{5}, LabTime{9}, {}, LabEnded{EndCause::stopped}}};
}

// Appends events as a lab does, frames by the hot path.
void play(EventSink& sink, const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      sink.append_frame(event.time, frame->port, frame->bytes, frame->copies);
    } else {
      sink.append(event.time, event.cause, event.body);
    }
  }
}

// Plays `now` against what is recorded, and says how it came out; `overs` counts how often it was over.
VerifyResult compare(const std::vector<Event>& now, const std::vector<Event>& recorded, bool is_cut_off = false,
                     int* overs = nullptr) {
  ListSource source{recorded};
  UnkeptEvents events;
  ObservedSink sink{events};
  Comparison comparison{source, [&] { overs == nullptr ? 0 : ++*overs; }, is_cut_off};
  sink.tell(comparison);
  play(sink, now);
  comparison.finish();
  CHECK_FALSE(comparison.damage());
  return comparison.take_result();
}

}  // namespace

TEST_CASE("an observer is told of each event after it was kept, frames as well, one observer after the other", "[session]") {
  struct Watcher final : LabObserver {
    Watcher(char observer, std::vector<std::string>& heard, const VectorSink& kept_events)
        : name(observer), told(heard), kept(kept_events) {}
    void after(Seq seq, LabTime at, Seq cause, const EventBody& body) override {
      REQUIRE(kept.events().size() == seq.value);
      CHECK(same_event(kept.events().back(), Event{seq, at, cause, body}));
      told.push_back(name + std::to_string(seq.value));
    }
    char name;
    std::vector<std::string>& told;
    const VectorSink& kept;
  };
  VectorSink kept;
  ObservedSink sink{kept};
  std::vector<std::string> told;
  Watcher a{'a', told, kept};
  Watcher b{'b', told, kept};
  sink.tell(a);
  sink.tell(b);
  play(sink, recording());
  CHECK(told == std::vector<std::string>{"a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4", "a5", "b5"});
  CHECK(sink.next_seq() == Seq{6});
}

TEST_CASE("a lab that comes out as recorded is identical, and otherwise the first event that does not is named", "[session]") {
  int overs = 0;
  const VerifyResult same = compare(recording(), recording(), false, &overs);
  CHECK(same.identical());
  CHECK(same.events == 5);
  CHECK(same.frames == 1);
  CHECK(overs == 0);

  const VerifyResult other = compare(recording("office"), recording("hall"), false, &overs);
  REQUIRE(other.difference);
  CHECK(other.difference->seq == Seq{2});
  CHECK(other.difference->why == "the lab came out otherwise");
  CHECK(other.events == 1);
  CHECK(overs == 1);
}

TEST_CASE("a frame's bytes and an event's time are compared", "[session]") {
  auto recorded = recording();
  constexpr std::array<std::byte, 3> kOther{std::byte{1}, std::byte{2}, std::byte{4}};
  std::get<Frame>(recorded[3].body).bytes = kOther;
  CHECK(compare(recording(), recorded).difference->seq == Seq{4});
  recorded = recording();
  recorded[2].time = LabTime{7};
  CHECK(compare(recording(), recorded).difference->seq == Seq{3});
}

TEST_CASE("a reel that ends early is a difference, unless it was cut off, and a lab that ends early always is one", "[session]") {
  auto shorter = recording();
  shorter.pop_back();
  int overs = 0;
  const VerifyResult reel_ends = compare(recording(), shorter, false, &overs);
  REQUIRE(reel_ends.difference);
  CHECK(reel_ends.difference->why == "the reel ends before this event");
  CHECK(overs == 1);
  CHECK(compare(recording(), shorter, true, &overs).identical());
  CHECK(overs == 2);
  const VerifyResult lab_ends = compare(shorter, recording());
  REQUIRE(lab_ends.difference);
  CHECK(lab_ends.difference->why == "the lab ended before this event");
}

TEST_CASE("a branch is compared up to its parting, and not in whose branch it is", "[session]") {
  const auto branch = recording("office", BranchPoint{"small", Seq{3}, {}});
  auto parent = recording();
  parent[3].time = LabTime{8};  // after the parting
  for (const std::uint64_t position : {3, 4}) {
    CAPTURE(position);
    ListSource source{parent};
    VectorSink kept;
    ObservedSink sink{kept};
    Comparison comparison{source, [] {}};
    UpToParting up_to_parting{comparison, Seq{position}, std::nullopt};
    sink.tell(up_to_parting);
    play(sink, branch);
    CHECK(comparison.identical() == (position == 3));
    CHECK(std::get<LabBegun>(kept.events()[0].body).branch);
    if (position == 3) CHECK(comparison.take_result().events == 3);
  }
}

TEST_CASE("positions are told once each, right after their event", "[session]") {
  VectorSink kept;
  ObservedSink sink{kept};
  std::vector<std::uint64_t> reached;
  PositionWatch watch{{Seq{1}, Seq{3}, Seq{3}, Seq{4}, Seq{9}}, [&](Seq position) {
                        CHECK(kept.events().size() == position.value);
                        reached.push_back(position.value);
                      }};
  sink.tell(watch);
  play(sink, recording());
  CHECK(reached == std::vector<std::uint64_t>{1, 3, 3, 4});
}
