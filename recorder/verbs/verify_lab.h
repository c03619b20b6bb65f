// Verify at the lab level: a virtual-time lab is run again, guests and all, and every event compared as it comes.
#pragma once

#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/verify.h"

namespace labreel {

// Runs the recorded lab again, with what people typed at the lab times at which they typed it.
//
// Shape:  `source` gives the reel's events from the first on. Runs the reel's commands on this host: only with consent.
// Errors: a lab in real time; inputs that differ from the recorded ones (kernel, guest program, calendar policy …), said
//         before anything runs; node files that are not there; damage of the reel.
// Source: ARCHITECTURE.md, "Levels of replay".
Result<VerifyResult> verify_lab(const EventLog& log, const std::string& lab_file, EventSource& source);

}  // namespace labreel
