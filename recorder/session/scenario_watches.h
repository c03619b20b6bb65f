// ScenarioWatches: conditions that are looked at for the whole lab; whenever one turns true or false, the reel says so.
#pragma once

#include "recorder/session/scenario_stage.h"

namespace labreel {

// Each watch records `scenario` events with step 0: "begun", and "flipped" with the detail "NAME holds" or "NAME no longer
// holds", whose cause is the exec that showed it. A watch counts as not holding until it holds for the first time, and
// while its node does not run.
//
// Each look is recorded as an exec with its output: it is a command in the lab and may change it, so a reel without it would
// not tell all. Its cause is the watch's "begun", so that readers can leave the looks out.
void begin_watches(ScenarioStage& stage);

}  // namespace labreel
