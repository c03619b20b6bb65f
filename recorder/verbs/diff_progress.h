// Two recordings compared, with progress.
#pragma once

#include <algorithm>

#include "recorder/verbs/progress.h"
#include "replay/diff/reel_diff.h"

namespace labreel {

// diff_reels(), which shows on a terminal how far it is.
inline Result<ReelDiff> diff_with_progress(const EventLog& a, const EventLog& b, Aspects ignored,
                                           std::size_t listed_max = kListedOnlyIn) {
  Progress progress{"diff", std::max(a.last(), b.last()).value};
  return diff_reels(ProgressLog{a, progress}, ProgressLog{b, progress}, ignored, listed_max);
}

}  // namespace labreel
