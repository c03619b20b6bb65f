// LossySink: stands between a lab and its reel for `run --lossy`. Where the reel's writer falls behind, it leaves out
// the payload of frames, then whole frames, so that the lab does not wait.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "engine/clock/lab_loop.h"
#include "engine/core/event.h"
#include "engine/core/fabric.h"
#include "engine/text/host_notes.h"

namespace labreel {

// What was left out so far, in frames.
struct LeftOut {
  std::uint64_t cut_short = 0;   // recorded, but for their payload
  std::uint64_t unrecorded = 0;  // not recorded at all
};

// Shape: used on the lab's thread. All is kept until half of the ring waits for the writer; then frames are cut short,
//        after 128 bytes; from 85% on they are only counted. All is kept again when less than a quarter waits. A `gap`
//        counts the frames that were not recorded; a checkpoint ends what cannot be proved. No other event is ever left
//        out: for those the lab waits, as without --lossy.
//        append() returns none for what is not recorded: an outcome of such a frame, and a checkpoint of a state that
//        the reel's events do not lead to; its own follows as soon as they do.
// Source: FORMAT.md, "What --lossy leaves out".
class LossySink final : public EventSink {
 public:
  // `backlog_percent` says how much of the reel's ring waits for the writer. A longer checkpoint waits until less flies.
  LossySink(EventSink& reel, std::function<unsigned()> backlog_percent, std::uint64_t checkpoint_bytes_max);

  // Called before the first event.
  void follow(LabLoop& loop, const Fabric& fabric);
  // Called when the lab has ended, before its reel is sealed.
  void finish();

  Seq append(LabTime at, Seq cause, const EventBody& body) override;
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override;
  Seq next_seq() const override { return reel_.next_seq(); }
  void note(std::string_view kind, std::string_view detail) override { reel_.note(kind, detail); }

  const LeftOut& left_out() const { return left_out_; }
  // Of these, how many no gap counts yet: a kill now would take their number along.
  std::uint64_t uncounted() const { return uncounted_; }
  // Says whether the reel's events lead to the fabric's state, now between two batches.
  bool is_exact() const { return !in_hole_ && is_settled(); }

 private:
  void keep(FramesKept keeps, LabTime at);
  void leave_out(std::span<const Copy> copies);
  bool is_unrecorded(Seq frame) const;
  void tell_gap(LabTime at);
  bool is_settled() const;
  Seq tell_state(LabTime at, Seq cause, const EventBody& checkpoint);
  void look_at(LabTime when);
  void look();

  EventSink& reel_;
  const std::function<unsigned()> backlog_percent_;
  const std::uint64_t checkpoint_bytes_max_;
  LabLoop* loop_ = nullptr;
  const Fabric* fabric_ = nullptr;

  FramesKept keeps_ = FramesKept::all;
  LeftOut left_out_;
  std::uint64_t uncounted_ = 0;   // frames since the last gap: all have the next event's number
  std::vector<Seq> gaps_;         // of this hole: the numbers of the frames that they count
  bool in_hole_ = false;          // a gap, and no checkpoint since
  bool owes_checkpoint_ = false;  // one was held back
  bool is_looking_ = false;       // a timer is set
  LabTime inexact_until_;         // when the last copy of a frame that the reel does not have comes due
};

}  // namespace labreel
