// What every capture of a recording says of itself, whoever writes it.
#pragma once

#include "recorder/verbs/event_choice.h"
#include "replay/export_packets.h"

namespace labreel {

// The choice of packets, and the lab's name, seed, digest, addresses and beginning. Throws VerbError.
ExportOptions capture_options(const EventChoice& choice, const EventLog& log);

}  // namespace labreel
