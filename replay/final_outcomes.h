// FinalOutcomes: what became of each copy in the end; and Conservation: that every copy became exactly one thing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"

namespace labreel {

// What became of a copy when the recording ends.
struct Fate {
  Reason reason = Reason::none;  // why it was dropped; none if it was delivered, or flies
  bool in_flight = false;        // due after the last event, of a recording that was cut off
  bool delivered() const { return reason == Reason::none && !in_flight; }
};

// The decisions that later events replaced.
//
// Shape:  built in one pass; then asked about frames in any order. Memory is 24 bytes an outcome event, of which there
//         are few: the decisions themselves stay in the reel.
// Source: ARCHITECTURE.md, "Events".
class FinalOutcomes {
 public:
  // Takes an event into account; those that are no outcomes only let time pass.
  void take(const Event& event);
  // Call when all events are taken, before any question.
  void finish();

  Fate of(Seq frame, std::uint32_t copy, const Copy& decision) const;
  LabTime end() const { return end_; }
  // Outcomes that replace the same copy's decision a second time: damage, or a bug.
  std::uint64_t repeated() const { return repeated_; }
  std::uint64_t count() const { return outcomes_.size(); }

 private:
  struct Replaced {
    Seq frame;
    std::uint32_t copy = 0;
    Reason reason = Reason::none;
  };
  static bool before(const Replaced& a, const Replaced& b);

  std::vector<Replaced> outcomes_;
  std::uint64_t repeated_ = 0;
  LabTime end_;
};

// Reads a whole log for its outcomes. Errors: damage.
Result<FinalOutcomes> find_final_outcomes(const EventLog& log);

// All copies of a recording by what became of them.
struct Conservation {
  std::uint64_t frames = 0;
  std::uint64_t copies = 0;
  std::uint64_t delivered = 0;
  std::uint64_t in_flight = 0;  // 0 for a lab that was recorded to its end
  std::array<std::uint64_t, kReasonCount> dropped{};  // by Reason; [none] stays 0
  // Outcomes that replaced no scheduled copy, or one that was replaced already.
  std::uint64_t stray_outcomes = 0;

  std::uint64_t dropped_in_all() const;
  // Says whether every copy has exactly one final outcome, and every outcome its copy.
  bool holds() const { return stray_outcomes == 0 && copies == delivered + in_flight + dropped_in_all(); }
};

// Counts one frame's copies; call for each frame after `outcomes` is finished.
void tally(const Event& event, const Frame& frame, const FinalOutcomes& outcomes, Conservation& counts);
// Counts a whole recording, in two passes. Errors: damage.
Result<Conservation> tally(const EventLog& log);

}  // namespace labreel
