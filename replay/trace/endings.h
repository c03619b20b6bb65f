// What a trace says where a packet goes no further, and where it began.
#pragma once

#include <string>
#include <vector>

#include "replay/trace.h"
#include "replay/trace/hop_links.h"
#include "replay/trace/sightings.h"

namespace labreel {

// Returns what a copy came to; `next` is what its receiver may have sent it on as, and none of it is certain.
TraceEnd ending_of(const Sightings& found, const Sighting& frame, const CopyFate& copy, const std::vector<HopLink>& next);

// Returns where a frame comes from that nothing like it led to.
std::string origin_of(const Sightings& found, const Sighting& frame);

}  // namespace labreel
