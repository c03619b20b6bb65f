#include "replay/projection/lab_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace labreel {
namespace {

// Events between two saved states: folding so many takes about a millisecond.
constexpr std::uint64_t kStride = 4096;
constexpr std::size_t kSavedBytes_max = 32U << 20U;
constexpr std::size_t kSavedStates_max = 1024;

}  // namespace

Status LabCursor::seek(Seq at) {
  if (at.is_none() || at > log_.last()) {
    return Error{.kind = ErrorKind::usage,
                 .what = fmt::format("there is no event {}: the recording has events 1 to {}", at.value, log_.last().value)};
  }
  Status moved = move(at);
  if (!moved) {
    fold_.reset();
    source_.reset();
  }
  return moved;
}

Status LabCursor::move(Seq at) {
  start_near(at);
  Event event;
  while (!fold_->lab() || fold_->lab()->at < at) {
    const Result<bool> more = source_->next(event);
    if (!more) return more.error();
    if (!*more) return Error{ErrorKind::input, "the recording ends before", fmt::format("event {}", at.value), {}};
    if (Status taken = fold_->take(event); !taken) return taken;
    keep_state();
  }
  if (fold_->lost_at().is_none()) return ok_status();
  return Error{ErrorKind::input, "events are missing here, and no checkpoint between them and this position says what the lab was",
               fmt::format("event {}", fold_->lost_at().value), "go to a position before it, or behind the next checkpoint"};
}

// Puts the fold at a known state at or before `at`, or before the first event, and the source behind it.
void LabCursor::start_near(Seq at) {
  const auto own_saved = saved_.upper_bound(at);
  const Seq saved = own_saved == saved_.begin() ? Seq{} : std::prev(own_saved)->first;
  const Seq here = fold_ && fold_->lab() && fold_->lab()->at <= at ? fold_->lab()->at : Seq{};
  const Seq own = std::max(here, saved);
  // What was folded here needs no trust; so a checkpoint is taken only to save a long way.
  if (at.value - own.value > 2 * kStride || own.is_none()) {
    const Seq checkpoint = log_.checkpoint_before(at);
    if (checkpoint > own && checkpoint <= at && restore_checkpoint(checkpoint)) return;
  }
  if (here == own && !own.is_none()) return;
  if (!saved.is_none()) {
    const Saved& state = saved_.at(saved);
    LabFold fold;
    LABREEL_CHECK(fold.restore(saved, state.time, state.state).ok());
    fold_ = std::move(fold);
  } else {
    fold_.emplace();
  }
  source_ = log_.events(saved.next());
}

// False if it is no checkpoint, or none that can be restored: folding across it will say so.
bool LabCursor::restore_checkpoint(Seq at) {
  if (!may_use_checkpoints()) return false;
  const Result<Event> event = log_.event_at(at);
  if (!event) return false;
  const auto* checkpoint = std::get_if<Checkpoint>(&event->body);
  LabFold fold;
  if (checkpoint == nullptr || !fold.restore(at, event->time, checkpoint->state)) return false;
  fold_ = std::move(fold);
  source_ = log_.events(at.next());
  return true;
}

// Checkpoints are of the fabric version that lab.begun names.
bool LabCursor::may_use_checkpoints() {
  if (!begins_well_) {
    const Result<Event> first = log_.event_at(kFirstSeq);
    const auto* begun = first ? std::get_if<LabBegun>(&first->body) : nullptr;
    begins_well_ = begun != nullptr && begun->fabric_version == kFabricVersion;
  }
  return *begins_well_;
}

void LabCursor::keep_state() {
  const std::optional<LabAt>& lab = fold_->lab();
  if (keeps_ == Keeps::nothing || lab->at.value % kStride != 0 || !fold_->lost_at().is_none() || saved_.contains(lab->at)) return;
  std::string state = fold_->save();
  saved_bytes_ += state.size();
  saved_.emplace(lab->at, Saved{lab->time, std::move(state)});
  if (saved_bytes_ <= kSavedBytes_max && saved_.size() <= kSavedStates_max) return;
  for (auto each = saved_.begin(); each != saved_.end(); ++each) {  // every second one goes
    saved_bytes_ -= each->second.state.size();
    each = saved_.erase(each);
    if (each == saved_.end()) break;
  }
}

Result<LabAt> lab_at(const EventLog& log, Seq at) {
  LabCursor cursor{log, LabCursor::Keeps::nothing};
  if (Status found = cursor.seek(at); !found) return std::move(found).error();
  return std::move(*cursor.take_lab());
}

}  // namespace labreel
