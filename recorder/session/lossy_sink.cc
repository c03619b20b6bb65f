#include "recorder/session/lossy_sink.h"

#include <algorithm>

namespace labreel {
namespace {

constexpr unsigned kCutFrom_percent = 50;
constexpr unsigned kDropFrom_percent = 85;
constexpr unsigned kAllBelow_percent = 25;  // less is left out only when there is room for a while
constexpr std::size_t kKept_bytes = 128;    // VLAN tags, IPv6, and TCP with its options
constexpr std::uint64_t kLook_ns = 1'000'000;
constexpr std::uint64_t kLookLater_ns = 100'000'000;  // too much flies for a checkpoint

}  // namespace

LossySink::LossySink(EventSink& reel, std::function<unsigned()> backlog_percent, std::uint64_t checkpoint_bytes_max)
    : reel_(reel), backlog_percent_(std::move(backlog_percent)), checkpoint_bytes_max_(checkpoint_bytes_max) {}

void LossySink::follow(LabLoop& loop, const Fabric& fabric) {
  loop_ = &loop;
  fabric_ = &fabric;
}

Seq LossySink::append(LabTime at, Seq cause, const EventBody& body) {
  if (const auto* outcome = std::get_if<Outcome>(&body)) {
    if (is_unrecorded(outcome->frame)) return {};
  }
  if (std::holds_alternative<Checkpoint>(body)) {
    if (is_settled()) return tell_state(at, cause, body);
    owes_checkpoint_ = true;
    look_at(at + kLook_ns);
    return {};
  }
  tell_gap(at);
  return reel_.append(at, cause, body);
}

Seq LossySink::append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) {
  const unsigned backlog = backlog_percent_();
  if (backlog >= kDropFrom_percent) {
    keep(FramesKept::nothing, at);
  } else if (backlog >= kCutFrom_percent && keeps_ == FramesKept::all) {
    keep(FramesKept::headers, at);
  }
  // Less is left out only between two batches, in look(): this frame's number was given before.
  if (keeps_ == FramesKept::nothing) {
    ++uncounted_;
    ++left_out_.unrecorded;
    leave_out(copies);
    return {};
  }
  if (keeps_ == FramesKept::all || bytes.size() <= kKept_bytes) return reel_.append_frame(at, port, bytes, copies);
  ++left_out_.cut_short;
  leave_out(copies);
  return reel_.append(at, {}, Frame{port, bytes.first(kKept_bytes), copies, static_cast<std::uint32_t>(bytes.size())});
}

void LossySink::keep(FramesKept keeps, LabTime at) {
  if (keeps == keeps_) return;
  keeps_ = keeps;
  keep_note(reel_, LossyNote{keeps, at});
  look_at(at + kLook_ns);
}

// Until these copies have come due, the fabric holds bytes that the reel does not.
void LossySink::leave_out(std::span<const Copy> copies) {
  for (const Copy& copy : copies) inexact_until_ = std::max(inexact_until_, copy.due);
}

bool LossySink::is_unrecorded(Seq frame) const {
  return (uncounted_ > 0 && frame == reel_.next_seq()) || std::binary_search(gaps_.begin(), gaps_.end(), frame);
}

void LossySink::tell_gap(LabTime at) {
  if (uncounted_ == 0) return;
  gaps_.push_back(reel_.append(at, {}, Gap{GapPlace::recorder, uncounted_, "the reel's writer fell behind", kNoPort}));
  uncounted_ = 0;
  in_hole_ = true;
}

// Says whether every frame whose copies still fly is in the reel with all of its bytes.
bool LossySink::is_settled() const { return uncounted_ == 0 && loop_->now() >= inexact_until_; }

Seq LossySink::tell_state(LabTime at, Seq cause, const EventBody& checkpoint) {
  gaps_.clear();
  in_hole_ = false;
  owes_checkpoint_ = false;
  return reel_.append(at, cause, checkpoint);
}

void LossySink::look_at(LabTime when) {
  if (is_looking_) return;
  is_looking_ = true;
  loop_->call_at(when, [this] {
    is_looking_ = false;
    look();
  });
}

// Between two batches: may all be kept again, and does the reel know the fabric's state?
void LossySink::look() {
  const LabTime now = loop_->now();
  if (keeps_ != FramesKept::all && backlog_percent_() < kAllBelow_percent) {
    tell_gap(now);
    keep(FramesKept::all, now);
  }
  std::uint64_t wait_ns = kLook_ns;
  if ((in_hole_ || owes_checkpoint_) && keeps_ != FramesKept::nothing && is_settled()) {
    Checkpoint checkpoint{fabric_->save()};
    if (checkpoint.state.size() <= checkpoint_bytes_max_) {
      tell_state(now, {}, checkpoint);
    } else {
      wait_ns = kLookLater_ns;
    }
  }
  if (keeps_ != FramesKept::all || in_hole_ || owes_checkpoint_) look_at(now + wait_ns);
}

// Nothing flies any more.
void LossySink::finish() {
  if (in_hole_) tell_state(loop_->now(), {}, Checkpoint{fabric_->save()});
}

}  // namespace labreel
