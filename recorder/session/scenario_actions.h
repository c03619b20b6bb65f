// ScenarioActions: the steps that hold no others, each as the commands that it gives.
#pragma once

#include "recorder/session/scenario_faults.h"
#include "recorder/session/scenario_stage.h"

namespace labreel {

class ScenarioActions {
 public:
  explicit ScenarioActions(ScenarioStage& stage) : stage_(stage), one_way_(stage.topology()) {}

  void play(const WaitStep& step, const StepRun& run);
  void play(const ExpectStep& step, const StepRun& run);
  void play(const MarkStep& step, const StepRun& run);
  void play(const LinkStep& step, const StepRun& run);
  void play(const NodeStep& step, const StepRun& run);
  void play(const LanStep& step, const StepRun& run);
  void play(const ExecStep& step, const StepRun& run);
  void play(const SleepStep& step, const StepRun& run);
  void play(const FlapStep& step, const StepRun& run);
  void play(const RampStep& step, const StepRun& run);

 private:
  void cut_one_way(const LinkStep& step, const StepRun& run);
  void mend(const LinkStep& step, const StepRun& run);

  ScenarioStage& stage_;
  OneWayFailures one_way_;
};

}  // namespace labreel
