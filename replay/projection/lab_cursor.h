// LabCursor: the lab at any position of a recording, moving forwards, backwards and by jumps.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "replay/projection/lab_fold.h"

namespace labreel {

// Shape: a move folds on from the nearest of: where the cursor is, a state that it saved on its way, a checkpoint of
//        the recording; so going back folds at most a few thousand events, and the lab is the same whichever way it was
//        reached. Saved states are thinned out as they grow many: memory is bounded.
//        A jump believes a checkpoint that Fabric::restore() finds sound; folding across one compares it, as verify does.
class LabCursor {
 public:
  // What it keeps of its way. For one seek, states are not worth saving.
  enum class Keeps { states, nothing };
  explicit LabCursor(const EventLog& log, Keeps keeps = Keeps::states) : log_(log), keeps_(keeps) {}

  // Goes to an event.
  //
  // Errors: Error{usage} for an event that is not there; what the log says of damage; what LabFold says; and
  //         Error{input} between a gap and the next checkpoint, where the lab is not known. The cursor is nowhere then,
  //         and may seek again.
  Status seek(Seq at);
  // The lab where the cursor is; call only after a seek() that went well.
  const LabAt& lab() const { return *fold_->lab(); }
  std::optional<LabAt> take_lab() { return fold_->take_lab(); }

 private:
  Status move(Seq at);
  void start_near(Seq at);
  bool restore_checkpoint(Seq at);
  bool may_use_checkpoints();
  void keep_state();

  struct Saved {
    LabTime time;
    std::string state;
  };

  const EventLog& log_;
  const Keeps keeps_;
  std::optional<LabFold> fold_;  // none: nowhere
  std::unique_ptr<EventSource> source_;  // behind the fold's position
  std::map<Seq, Saved> saved_;
  std::size_t saved_bytes_ = 0;
  std::optional<bool> begins_well_;
};

}  // namespace labreel
