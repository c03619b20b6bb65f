// LabFold: the fabric fed with recorded inputs, one event after another.
#pragma once

#include <optional>
#include <string_view>

#include "replay/projection/lab_at.h"
#include "replay/projection/whole_frame.h"

namespace labreel {

// Says whether events are missing at this one, so that what the fabric knew is no longer what it was. What a
// cut-off run lost, the run that goes on with its reel never knew.
bool is_hole(const EventBody& body);

// Shape: starts at lab.begun, or at a state that was saved. Behind a hole the lab is not known until a checkpoint says
//        what it was.
class LabFold {
 public:
  // Takes the next event. What the fabric decides is not compared here, that is verify's work; but a checkpoint on the
  // way must be the state that its events lead to.
  //
  // Errors: Error{input}: the reel does not start with lab.begun, is of another fabric version, has an input that the
  //         fabric refuses, or a checkpoint of another state. Nothing may be asked of this object then.
  Status take(const Event& event);
  // Goes on from a state that save() or a checkpoint gave. Errors: bytes that no fabric saved; nothing is changed then.
  Status restore(Seq at, LabTime time, std::string_view state);
  std::string save() const { return lab_->fabric.save(); }

  // None before lab.begun.
  const std::optional<LabAt>& lab() const { return lab_; }
  std::optional<LabAt> take_lab() { return std::move(lab_); }
  // The hole behind which nothing is known; none if the lab is known.
  Seq lost_at() const { return lost_at_; }

 private:
  Status begin(const Event& event, const LabBegun& begun);
  Status feed_frame(const Event& event, const Frame& frame);
  Status meet_checkpoint(const Event& event, const Checkpoint& checkpoint);
  Status feed(const Event& event);

  std::optional<LabAt> lab_;
  bool is_imported_ = false;  // its frames crossed no fabric: nodes and ports are all that is known
  Seq lost_at_;
  WholeFrame whole_frame_;
};

}  // namespace labreel
