#include "replay/web/viewer/survey.h"

#include <algorithm>

#include "replay/projection/search.h"

namespace labreel {

void Survey::read_on() {
  if (damage_ || last() >= log_.last()) return;
  const Status read = read_events(log_, last().next(), kLastSeq, [this](const Event& event) {
    take(event);
    return true;
  });
  if (!read) damage_ = read.error();
  outcomes_.finish();
}

void Survey::take(const Event& event) {
  if (marks_.empty()) first_time_ = event.time;
  last_time_ = event.time;
  if (marks_.size() % kBlock_events == 0) last_due_.push_back(event.time);
  auto mark = static_cast<std::uint8_t>(labreel::class_of(event.body));
  if (const auto* const frame = std::get_if<Frame>(&event.body)) mark |= mark_frame(event, *frame);
  if (std::holds_alternative<Outcome>(event.body)) mark |= kDrop;
  if (look_bookkeeping(event)) mark |= kBookkeeping;
  marks_.push_back(mark);
  outcomes_.take(event);
  if (event.kind() <= EventKind::lan_left) effects_.push_back(event.seq);
  if (const auto* const begun = std::get_if<LabBegun>(&event.body); begun != nullptr && !begun_) begun_ = *begun;
  if (std::holds_alternative<Gap>(event.body)) ++gaps_;
  markers_.take(event);
}

std::uint8_t Survey::mark_frame(const Event& event, const Frame& frame) {
  std::uint8_t mark = kFrame;
  LabTime due = event.time;
  for (const Copy& copy : frame.copies) {
    if (!copy.scheduled()) mark |= kDrop;
    due = std::max(due, copy.due);
  }
  last_due_.back() = std::max(last_due_.back(), due);
  return mark;
}

bool Survey::look_bookkeeping(const Event& event) {
  if (const auto* const step = std::get_if<Scenario>(&event.body)) {
    if (step->state == StepStateKind::begun && step_kind_of(step->detail) == StepKind::wait) waits_.insert(event.seq);
    return true;
  }
  if (std::holds_alternative<Checkpoint>(event.body)) return true;
  if (std::holds_alternative<Exec>(event.body) && waits_.contains(event.cause)) polls_.insert(event.seq);
  switch (event.kind()) {
    case EventKind::exec: return polls_.contains(event.seq);
    case EventKind::exec_output:
    case EventKind::exec_done:
    case EventKind::exec_input: return polls_.contains(event.cause);
    default: return false;
  }
}

}  // namespace labreel
