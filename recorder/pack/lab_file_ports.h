// What the lab file in a reel says of its ports.
#pragma once

#include "engine/core/event_log.h"
#include "engine/lab/lab_file.h"
#include "replay/projection/recorded_ports.h"

namespace labreel {

RecordedPorts ports_of(const LabFile& file);

// The ports of the lab file of the last run that had begun at an event; none for an imported capture, or for a lab file that
// is none.
RecordedPorts recorded_ports(const EventLog& log, Seq at = kLastSeq);

}  // namespace labreel
