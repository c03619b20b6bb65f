// ExportSurvey: what an export must know of the whole reel before it can write its first packet.
#pragma once

#include <vector>

#include "engine/core/topology.h"
#include "replay/export_packets.h"

namespace labreel {

// A copy that was scheduled and yet not delivered.
struct LateDrop {
  Seq frame;
  std::uint32_t copy = 0;
  Reason reason = Reason::none;
};

struct ExportSurvey {
  Topology topology;                 // at the end, so with every port that ever was
  std::vector<LateDrop> late_drops;  // of the frames that are exported, ordered by (frame, copy)
  LabTime end;                       // of the last event: what is due later was never delivered
};

// Shape:  an effect that does not fit (of a damaged or hostile reel) is passed over.
// Errors: none: where the events break off, so will the second pass.
ExportSurvey survey_for_export(EventSource& events, Seq from, Seq to);

}  // namespace labreel
