// A trace's hops as words and as JSON.
#pragma once

#include <string>

#include "replay/trace.h"

namespace labreel {

// Returns what stands below a hop's event: what it was before and by what ground, and what became of it. Lines that are
// indented and end in a newline; nothing in them can steer a terminal.
std::string hop_text(const TraceHop& hop);

// Returns the event's JSON object with what the trace says of it added: `asked`, `was` (a seq or null), `certainty` ("is", "may
// be" or null), `ground`, `reservation`, `alternatives` (other events that it may have been), `origin`, and `end`, a list of
// {"kind","port","time","text"}.
std::string hop_json(std::string event, const TraceHop& hop);

}  // namespace labreel
