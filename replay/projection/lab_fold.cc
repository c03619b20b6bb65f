#include "replay/projection/lab_fold.h"

#include <fmt/format.h>

#include "engine/core/wire_words.h"
#include "replay/import/imported.h"

namespace labreel {
namespace {

Error not_replayable(Seq seq, std::string what) {
  return Error{ErrorKind::input, std::move(what), fmt::format("event {}", seq.value), "labreel verify says more"};
}

}  // namespace

bool is_hole(const EventBody& body) {
  const auto* gap = std::get_if<Gap>(&body);
  return gap != nullptr && is_hole(gap->where);
}

Status LabFold::take(const Event& event) {
  if (const auto* begun = std::get_if<LabBegun>(&event.body); begun != nullptr && !lab_) {
    if (Status begins = begin(event, *begun); !begins) return begins;
  }
  if (!lab_) return not_replayable(event.seq, "the reel does not start with lab.begun");
  if (is_hole(event.body)) lost_at_ = event.seq;
  if (const auto* checkpoint = std::get_if<Checkpoint>(&event.body)) return meet_checkpoint(event, *checkpoint);
  if (lost_at_.is_none()) {
    if (const Status fed = feed(event); !fed) return not_replayable(event.seq, fed.error().what);
  }
  lab_->at = event.seq;
  lab_->time = event.time;
  return ok_status();
}

Status LabFold::begin(const Event& event, const LabBegun& begun) {
  is_imported_ = is_imported(begun);
  if (!is_imported_ && begun.fabric_version != kFabricVersion) {
    return not_replayable(event.seq,
                          fmt::format("the reel was recorded by fabric version {}, and this labreel has version {}",
                                      begun.fabric_version, kFabricVersion));
  }
  lab_.emplace(LabAt{event.seq, event.time, Fabric{begun.seed}});
  return ok_status();
}

Status LabFold::meet_checkpoint(const Event& event, const Checkpoint& checkpoint) {
  if (!lost_at_.is_none()) {
    if (const Status restored = restore(event.seq, event.time, checkpoint.state); !restored) {
      return not_replayable(event.seq, "the checkpoint cannot be read: " + restored.error().what);
    }
    return ok_status();
  }
  if (const Status passed = lab_->fabric.advance(event.time); !passed) return not_replayable(event.seq, passed.error().what);
  lab_->fabric.drain([](const Delivery&) {});
  if (lab_->fabric.save() != checkpoint.state) {
    return not_replayable(event.seq, "the checkpoint is not the state that the events before it lead to");
  }
  lab_->at = event.seq;
  lab_->time = event.time;
  return ok_status();
}

Status LabFold::restore(Seq at, LabTime time, std::string_view state) {
  auto fabric = Fabric::restore(state);
  if (!fabric) return std::move(fabric).error();
  if (const Status passed = fabric->advance(time); !passed) return passed.error();
  fabric->drain([](const Delivery&) {});
  lab_.emplace(LabAt{at, time, std::move(*fabric)});
  lost_at_ = Seq{};
  return ok_status();
}

Status LabFold::feed_frame(const Event& event, const Frame& frame) {
  if (is_imported_) return lab_->fabric.advance(event.time);
  const auto copies = lab_->fabric.arrive(frame.port, whole_frame_.of(frame), event.time, event.seq);
  return copies ? ok_status() : Status{copies.error()};
}

// Gives one recorded input to the fabric, and lets time pass for what is none.
Status LabFold::feed(const Event& event) {
  Fabric& fabric = lab_->fabric;
  const auto* outcome = std::get_if<Outcome>(&event.body);
  if (const auto* frame = std::get_if<Frame>(&event.body)) {
    if (Status fed = feed_frame(event, *frame); !fed) return fed;
  } else if (outcome != nullptr && outcome->reason == Reason::refused_by_node) {
    const auto refused = fabric.refuse(outcome->frame, outcome->copy, event.time);
    if (!refused) return refused.error();
  } else if (event.kind() <= EventKind::lan_left) {
    const auto outcomes = fabric.apply(event.body, event.time);
    if (!outcomes) return outcomes.error();
  } else if (Status passed = fabric.advance(event.time); !passed) {  // other outcomes came with their effect
    return passed;
  }
  fabric.drain([](const Delivery&) {});
  return ok_status();
}

}  // namespace labreel
