#include "replay/stepping/bookkeeping.h"

#include <algorithm>
#include <variant>

namespace labreel {

bool Bookkeeping::is_bookkeeping(const Event& event) {
  if (event.kind() == EventKind::checkpoint) return true;
  if (const auto* const step = std::get_if<Scenario>(&event.body)) {
    if (step->state == StepStateKind::begun && step_kind_of(step->detail) != StepKind::other) looking_.insert(event.seq);
    return step->state == StepStateKind::begun || step->state == StepStateKind::done;
  }
  if (event.cause.is_none() || !looking_.contains(event.cause)) return false;
  if (event.kind() == EventKind::exec) looking_.insert(event.seq);
  if (event.kind() == EventKind::exec_done) looking_.erase(event.cause);
  return event.kind() == EventKind::exec || event.kind() == EventKind::exec_output || event.kind() == EventKind::exec_done;
}

bool Bookkeeping::take(const Event& event) {
  const bool is = is_bookkeeping(event);
  if (is) all_.push_back(event.seq);
  return is;
}

bool Bookkeeping::holds(Seq seq) const { return std::binary_search(all_.begin(), all_.end(), seq); }

}  // namespace labreel
