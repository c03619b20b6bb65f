// The determinism oracle: what must hold of every undamaged recording of a lab, whoever made it and however it ended.
#pragma once

#include <string>

#include "engine/core/event_log.h"

namespace labreel::test {

// Returns what is wrong, or nothing: the fabric level of `verify` is identical from the first event to the last, every
// copy has exactly one final outcome, and none flies on after the lab's end.
std::string fault_of(const EventLog& log);

// The same for each reel under a folder. Reels that say themselves that they are damaged are passed over: whoever
// damaged them looks at that.
std::string fault_of_reels_in(const std::string& folder);

}  // namespace labreel::test
