// The steps that look at the lab: `wait` until a condition holds, `expect` that it holds now.
#pragma once

#include "recorder/session/scenario_stage.h"

namespace labreel {

// Looks every 500 ms of lab time, or as soon as the look before has ended; fails when the timeout is over.
void play_wait(ScenarioStage& stage, const WaitStep& wait, const StepRun& run);
// Looks once.
void play_expect(ScenarioStage& stage, const ExpectStep& expect, const StepRun& run);

}  // namespace labreel
