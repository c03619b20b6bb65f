// ExportSurvey: what an export must know of the whole reel before it can write its first packet.
#pragma once

#include "engine/core/event_log.h"
#include "engine/core/topology.h"
#include "replay/final_outcomes.h"

namespace labreel {

struct ExportSurvey {
  Topology topology;  // at the end, so with every port that ever was
  FinalOutcomes outcomes;

  // Takes one event into account; the outcomes may be asked for after their finish().
  void take(const Event& event);
};

// Shape:  an effect that does not fit (of a damaged or hostile reel) is passed over.
// Errors: none: where the events break off, so will the second pass.
ExportSurvey survey_for_export(EventSource& events);

}  // namespace labreel
