// Bookkeeping: the events of a recording that only its scenario needed, and that hide the others from who steps through it.
#pragma once

#include <set>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// Steps that begin and are done, the commands that a wait or an expectation looks with, over and over, and checkpoints. A step that
// failed is none.
class Bookkeeping {
 public:
  // Takes an event that is later than those before. Returns whether it is bookkeeping.
  bool take(const Event& event);
  // Says whether an event that was taken is.
  bool holds(Seq seq) const;

 private:
  bool is_bookkeeping(const Event& event);

  std::vector<Seq> all_;     // in order
  std::set<Seq> looking_;    // steps that look, and what they have running
};

}  // namespace labreel
