// Comparison: holds what a lab does against a recording of it, event by event.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/core/event_log.h"
#include "engine/core/topology.h"
#include "recorder/session/lab_observer.h"
#include "replay/verify.h"

namespace labreel {

// Says whether two events tell the same: seq, time, cause and body, a frame's bytes and copies included.
bool same_event(const Event& left, const Event& right);

// Shape: after the first difference nothing is compared. Host notes are not: facts of the host differ.
class Comparison final : public LabObserver {
 public:
  // `recorded` gives the reel's events from the first on; `on_over` is called once, when there is nothing more to
  // compare: at the first difference, or at the end of a reel that was cut off, which is no difference.
  Comparison(EventSource& recorded, std::function<void()> on_over, bool is_cut_off = false)
      : recorded_(recorded), on_over_(std::move(on_over)), is_cut_off_(is_cut_off) {}

  void after(Seq seq, LabTime at, Seq cause, const EventBody& body) override;
  // Called when the lab has ended: what the reel has beyond that is a difference too.
  void finish();
  // What was read of the reel was damaged.
  const std::optional<Error>& damage() const { return damage_; }
  bool identical() const { return result_.identical(); }
  VerifyResult take_result();

 private:
  void compare(const Event& now);
  void differ(std::optional<Event> now, std::optional<Event> recorded, const std::string& why);

  EventSource& recorded_;
  std::function<void()> on_over_;
  bool is_cut_off_;
  bool is_over_ = false;
  Topology topology_;
  VerifyResult result_;
  std::optional<Error> damage_;
};

// A branch's events up to its parting, as its parent's Comparison is to be told them: the two must differ in what
// `lab.begun` says of a parent.
class UpToParting final : public LabObserver {
 public:
  // `parents_branch` is what the parent's own `lab.begun` says.
  UpToParting(Comparison& compare, Seq position, std::optional<BranchPoint> parents_branch)
      : compare_(compare), position_(position), parents_branch_(std::move(parents_branch)) {}

  void after(Seq seq, LabTime at, Seq cause, const EventBody& body) override;

 private:
  Comparison& compare_;
  const Seq position_;
  const std::optional<BranchPoint> parents_branch_;
};

}  // namespace labreel
