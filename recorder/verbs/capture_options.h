// What every capture of a recording says of itself, whoever writes it.
#pragma once

#include "recorder/verbs/event_choice.h"
#include "replay/export_packets.h"

namespace labreel {

// The choice of packets, and the lab's name, seed, digest, addresses and beginning. Throws VerbError.
ExportOptions capture_options(const EventChoice& choice, const EventLog& log);

// ExportOptions::event_json for a whole recording: a marker, a command … are told apart in the packet list.
std::function<EventWords(const Event&)> events_for_captures();

}  // namespace labreel
