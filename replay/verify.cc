#include "replay/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "engine/core/fabric.h"
#include "replay/import/imported.h"
#include "replay/projection/lab_fold.h"
#include "replay/projection/whole_frame.h"
#include "replay/unproved_lab.h"

namespace labreel {

KeptEvent::KeptEvent(const Event& event) : event_(event) {
  if (const auto* frame = std::get_if<Frame>(&event.body)) {
    bytes_.assign(frame->bytes.begin(), frame->bytes.end());
    copies_.assign(frame->copies.begin(), frame->copies.end());
  }
}

Event KeptEvent::event() const {
  Event event = event_;
  if (auto* frame = std::get_if<Frame>(&event.body)) {
    frame->bytes = bytes_;
    frame->copies = copies_;
  }
  return event;
}

namespace {

// Which events are given to the fabric as effects: FORMAT.md, "Kinds".
bool is_effect(const EventBody& body) {
  const EventKind kind = kind_of(body);
  return kind <= EventKind::lan_left;
}

class FabricReplay {
 public:
  explicit FabricReplay(bool complete) : complete_(complete) {}

  Result<VerifyResult> run(EventSource& source) {
    Event event;
    for (;;) {
      auto more = source.next(event);
      if (!more) return std::move(more).error();
      if (!*more) break;
      ++result_.events;
      if (auto refusal = step(event)) return std::move(*refusal);
      if (result_.difference) return std::move(result_);
      last_ = event.seq;
      time_ = event.time;
    }
    if (complete_ && !lost_ && !awaited_.empty()) {
      differ(last_.next(), awaited_.front(), std::nullopt, "the reel lacks an outcome");
    }
    if (first_.value != 0) result_.ranges.push_back({first_, last_});
    return std::move(result_);
  }

  // After a run without a difference; nothing if the recording ends in a hole of which nothing is known, or before it
  // began.
  std::optional<FabricEnd> take_end() {
    if (!fabric_) return std::nullopt;
    if (!lost_) return FabricEnd{*std::move(fabric_), last_, time_, {awaited_.begin(), awaited_.end()}, {}};
    auto flying = unproved_->flying(time_);
    if (!flying) return std::nullopt;
    return FabricEnd{*std::move(fabric_), last_, time_, {}, std::move(flying)};
  }

 private:
  // Handles one event; an Error ends the whole verification, a difference is kept in the result.
  std::optional<Error> step(const Event& event) {
    const auto* begun = std::get_if<LabBegun>(&event.body);
    if (!fabric_) {
      if (begun != nullptr) return begin(event, *begun);
      return Error{
          ErrorKind::input, "the reel does not start with lab.begun", fmt::format("event {}", event.seq.value), {}};
    }
    if (lost_) return find_footing(event);
    if (!awaited_.empty()) {
      expect_outcome(event);
    } else if (begun != nullptr) {
      begin_again(event, *begun);
    } else if (is_hole(event.body)) {
      lose_footing(event);
    } else if (const auto* checkpoint = std::get_if<Checkpoint>(&event.body)) {
      compare_state(event, *checkpoint);
    } else if (const auto* frame = std::get_if<Frame>(&event.body)) {
      decide_again(event, *frame);
    } else if (const auto* outcome = std::get_if<Outcome>(&event.body)) {
      refuse_again(event, *outcome);
    } else if (is_effect(event.body)) {
      apply_again(event);
    }
    return std::nullopt;
  }

  std::optional<Error> begin(const Event& event, const LabBegun& begun) {
    if (is_imported(begun)) return nothing_to_reexecute();
    if (begun.fabric_version != kFabricVersion) {
      return Error{ErrorKind::input,
                   fmt::format("the reel was recorded by fabric version {}, and this labreel has version {}: their "
                               "decisions may differ by design, so nothing is compared",
                               begun.fabric_version, kFabricVersion),
                   fmt::format("event {}", event.seq.value), "verify it with the labreel that recorded it"};
    }
    fabric_.emplace(begun.seed);
    seed_ = begun.seed;
    first_ = event.seq;
    apply_again(event);
    return std::nullopt;
  }

  // The reel goes on with another run, in the same fabric.
  void begin_again(const Event& event, const LabBegun& begun) {
    if (!has_ended_) return differ(event.seq, std::nullopt, event, "the lab begins again before it has ended");
    if (begun.seed != seed_) return differ(event.seq, std::nullopt, event, "the lab goes on with another seed");
    if (begun.fabric_version != kFabricVersion) {
      return differ(event.seq, std::nullopt, event, "the lab goes on in another version of the fabric");
    }
    has_ended_ = false;
    apply_again(event);
  }

  void lose_footing(const Event& gap) {
    lost_ = true;
    unproved_.emplace(*fabric_, gap, has_ended_);
    if (first_.value != 0) result_.ranges.push_back({first_, last_});
    first_ = Seq{};
  }

  // After a hole only a checkpoint tells what the fabric knew; until then nothing can be proved.
  std::optional<Error> find_footing(const Event& event) {
    if (std::holds_alternative<LabEnded>(event.body)) has_ended_ = true;
    if (std::holds_alternative<LabBegun>(event.body)) has_ended_ = false;
    const auto* checkpoint = std::get_if<Checkpoint>(&event.body);
    if (checkpoint == nullptr) {
      unproved_->take(event);
      return std::nullopt;
    }
    auto restored = Fabric::restore(checkpoint->state);
    if (!restored) {
      return Error{ErrorKind::input,
                   "the checkpoint cannot be read: " + restored.error().what,
                   fmt::format("event {}", event.seq.value),
                   {}};
    }
    fabric_ = std::move(*restored);
    unproved_.reset();
    lost_ = false;
    first_ = event.seq;
    return std::nullopt;
  }

  void compare_state(const Event& event, const Checkpoint& checkpoint) {
    if (!fabric_->advance(event.time).ok()) return differ(event.seq, std::nullopt, event, "time goes back");
    drop_deliveries();
    if (fabric_->save() == checkpoint.state) return;
    differ(event.seq, Event{event.seq, event.time, event.cause, Checkpoint{fabric_->save()}}, event,
           "the fabric's state is another one at this checkpoint");
  }

  void apply_again(const Event& event) {
    if (std::holds_alternative<LabEnded>(event.body)) has_ended_ = true;
    auto outcomes = fabric_->apply(event.body, event.time);
    if (!outcomes)
      return differ(event.seq, std::nullopt, event, "the fabric refuses this effect: " + outcomes.error().what);
    drop_deliveries();
    Seq seq = event.seq;
    for (const Outcome& outcome : *outcomes) {
      seq = seq.next();
      awaited_.push_back(Event{seq, event.time, event.seq, outcome});
    }
  }

  void expect_outcome(const Event& event) {
    const Event expected = awaited_.front();
    awaited_.pop_front();
    const auto* got = std::get_if<Outcome>(&event.body);
    const bool same = got != nullptr && *got == std::get<Outcome>(expected.body) && event.time == expected.time &&
                      event.cause == expected.cause;
    if (!same) differ(event.seq, expected, event, "another outcome was due here");
  }

  void refuse_again(const Event& event, const Outcome& recorded) {
    if (recorded.reason != Reason::refused_by_node) {
      return differ(event.seq, std::nullopt, event, "no effect led to this outcome");
    }
    const auto outcome = fabric_->refuse(recorded.frame, recorded.copy, event.time);
    if (!outcome)
      return differ(event.seq, std::nullopt, event, "this copy was not delivered then: " + outcome.error().what);
    if (!(*outcome == recorded) || event.cause != recorded.frame) {
      differ(event.seq, Event{event.seq, event.time, recorded.frame, *outcome}, event,
             "the outcome is of another copy");
    }
  }

  void decide_again(const Event& event, const Frame& frame) {
    const auto copies = fabric_->arrive(frame.port, whole_frame_.of(frame), event.time, event.seq);
    if (!copies) return differ(event.seq, std::nullopt, event, "this frame could not arrive: " + copies.error().what);
    ++result_.frames;
    if (!std::equal(copies->begin(), copies->end(), frame.copies.begin(), frame.copies.end())) {
      Event expected = event;
      std::get<Frame>(expected.body).copies = *copies;
      differ(event.seq, expected, event, "the fabric decides otherwise");
    }
    drop_deliveries();
  }

  // The nodes are not here: what is delivered is only let go. What they refused is among the recorded inputs.
  void drop_deliveries() {
    fabric_->drain([](const Delivery&) {});
  }

  void differ(Seq seq, std::optional<Event> expected, std::optional<Event> got, std::string why) {
    Difference difference;
    difference.seq = seq;
    if (expected) difference.expected.emplace(*expected);
    if (got) difference.got.emplace(*got);
    difference.why = std::move(why);
    if (fabric_) difference.topology = fabric_->topology();
    result_.difference = std::move(difference);
    if (first_.value != 0 && last_ >= first_) result_.ranges.push_back({first_, last_});
  }

  bool complete_;
  bool lost_ = false;  // after a hole, before the next checkpoint
  std::optional<Fabric> fabric_;
  std::optional<UnprovedLab> unproved_;  // while lost
  std::deque<Event> awaited_;  // outcomes that the last effect must be followed by
  std::uint64_t seed_ = 0;
  bool has_ended_ = false;  // and has not begun again
  Seq first_;
  Seq last_;
  LabTime time_;
  WholeFrame whole_frame_;
  VerifyResult result_;
};

}  // namespace

Result<FabricEnd> fabric_at_end(EventSource& source) {
  FabricReplay replay{false};
  auto result = replay.run(source);
  if (!result) return std::move(result).error();
  const auto refuse = [](Seq at, std::string what) {
    return Error{ErrorKind::input, std::move(what), fmt::format("event {}", at.value), "labreel verify says more"};
  };
  if (result->difference) return refuse(result->difference->seq, result->difference->why);
  auto end = replay.take_end();
  if (!end) return refuse(Seq{result->events}, "it ends in a gap that damage left: nothing is known of the lab behind it");
  return *std::move(end);
}

Result<VerifyResult> verify_fabric(EventSource& source, bool complete) { return FabricReplay{complete}.run(source); }

}  // namespace labreel
