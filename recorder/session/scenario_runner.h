// ScenarioRunner: plays the lab file's own script, steps within steps, and records how each went.
#pragma once

#include <string>
#include <vector>

#include "recorder/session/scenario_actions.h"
#include "recorder/session/scenario_stage.h"

namespace labreel {

// Every step records `scenario` events with its number (engine/lab/scenario.h): "begun"; "flipped" where a condition came to
// hold; "done", or "failed" with what is wrong. Their cause is the step's "begun", whose own cause is the "begun" of the
// step around it. A step that fails ends the scenario, and what runs beside it is left as it is.
class ScenarioRunner {
 public:
  ScenarioRunner(LabRuntime runtime, Commands& commands, ExecRunner& execs);

  // Begins the watches; they go on until abandon(), or until a step fails.
  void watch();
  // Plays every step in order; `done` at the end, or with the first step that failed and its line.
  void run(Done done);
  // Plays nothing more; `done` is not called. For a lab that ends in the middle.
  void abandon() { stage_.close(); }

 private:
  class Sequence;
  class Parallel;
  class Repeat;

  // Where a step stands: in what, and in which round of it.
  struct Around {
    Seq begun;
    std::string round;
  };

  void play(const Step& step, const Around& around, Done done);
  void begin(const Step& step, const Around& around, Done done);
  void finish(const Step& step, Seq begun, const Status& status, const Done& done);

  ScenarioStage stage_;
  ScenarioActions actions_;
};

}  // namespace labreel
