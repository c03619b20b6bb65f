// Positions as people write them, to sequence numbers.
#pragma once

#include <string_view>

#include "engine/core/event_log.h"
#include "engine/core/ids.h"
#include "engine/core/result.h"
#include "replay/markers.h"

namespace labreel {

// Returns the seq that a position names.
//
// Shape:  a seq ("104"); a marker's name, with "#n" for its n-th occurrence (the first without); "+12.5s", the last
//         event at or before that lab time; "end". A marker called "end" is reached as "end#1".
// Errors: Error{usage} for a position that is none, or is not in this recording, with the nearest marker's name; and
//         what the recording says of damage.
// Source: ARCHITECTURE.md, "Commands".
Result<Seq> resolve_position(const EventLog& log, std::string_view position);
// The same without a reading of the recording for its markers, by whoever has them.
Result<Seq> resolve_position(const EventLog& log, const Markers& markers, std::string_view position);

}  // namespace labreel
