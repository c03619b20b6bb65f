// Survey: what one reading of a recording finds out, a byte an event: it is read once, and on as it grows.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "replay/final_outcomes.h"
#include "replay/markers.h"
#include "replay/web/viewer/event_class.h"

namespace labreel {

// Shape: events are counted up to the first that cannot be read; from there on there are none, and damage() says why.
class Survey {
 public:
  // Borrows the log.
  explicit Survey(const EventLog& log) : log_(log) {}

  // Reads what has come since the last call.
  void read_on();

  Seq last() const { return Seq{marks_.size()}; }
  LabTime first_time() const { return first_time_; }
  LabTime last_time() const { return last_time_; }
  const std::optional<Error>& damage() const { return damage_; }

  // Of an event up to last().
  EventClass class_of(Seq seq) const { return static_cast<EventClass>(mark(seq) & kClassBits); }
  // What only serves the recording: steps of the scenario, the polls of its waits, checkpoints.
  bool is_bookkeeping(Seq seq) const { return (mark(seq) & kBookkeeping) != 0; }
  // A frame of which a copy was dropped at once, or an outcome.
  bool is_drop(Seq seq) const { return (mark(seq) & kDrop) != 0; }
  bool is_frame(Seq seq) const { return (mark(seq) & kFrame) != 0; }

  const std::optional<LabBegun>& begun() const { return begun_; }
  const Markers& markers() const { return markers_; }
  const FinalOutcomes& outcomes() const { return outcomes_; }
  std::uint64_t gaps() const { return gaps_; }
  // What changed the lab's parts: names are folded from these.
  const std::vector<Seq>& effects() const { return effects_; }

  // Frames lie in blocks of this many events. The latest time at which a copy of the block's frames comes due.
  static constexpr std::uint64_t kBlock_events = 256;
  const std::vector<LabTime>& last_due() const { return last_due_; }

 private:
  static constexpr std::uint8_t kClassBits = 0x0F;
  static constexpr std::uint8_t kBookkeeping = 0x10;
  static constexpr std::uint8_t kDrop = 0x20;
  static constexpr std::uint8_t kFrame = 0x40;
  std::uint8_t mark(Seq seq) const { return marks_[static_cast<std::size_t>(seq.value - 1)]; }
  void take(const Event& event);
  std::uint8_t mark_frame(const Event& event, const Frame& frame);
  bool look_bookkeeping(const Event& event);

  const EventLog& log_;
  std::vector<std::uint8_t> marks_;
  std::vector<LabTime> last_due_;
  std::vector<Seq> effects_;
  Markers markers_;
  FinalOutcomes outcomes_;
  std::optional<LabBegun> begun_;
  std::set<Seq> waits_;  // steps that poll
  std::set<Seq> polls_;  // commands that they ran
  std::uint64_t gaps_ = 0;
  LabTime first_time_;
  LabTime last_time_;
  std::optional<Error> damage_;
};

}  // namespace labreel
