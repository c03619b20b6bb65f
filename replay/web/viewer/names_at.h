// NamesAt: what ids are called at any event of a recording.
#pragma once

#include "engine/core/event_log.h"
#include "replay/names.h"
#include "replay/web/viewer/survey.h"

namespace labreel {

// Shape: going on costs the effects in between, going back all effects from the start: a recording has few.
class NamesAt {
 public:
  // Borrows both.
  NamesAt(const EventLog& log, const Survey& survey) : log_(log), survey_(survey) {}

  // Names as they are with the event itself, as `labreel events` shows it. Valid until the next call.
  const Names& at(Seq seq);

 private:
  const EventLog& log_;
  const Survey& survey_;
  Names names_;
  std::size_t followed_ = 0;  // of the survey's effects
};

}  // namespace labreel
