// ScenarioStage: how the parts of a scenario act on the lab. When it is closed nothing calls back any more.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "recorder/session/commands.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {

// Shape: every continuation of a scenario goes through here, so that a lab may end in the middle of any step.
class ScenarioStage {
 public:
  ScenarioStage(LabRuntime runtime, Commands& commands, ExecRunner& execs);
  ~ScenarioStage() { close(); }
  ScenarioStage(const ScenarioStage&) = delete;
  ScenarioStage& operator=(const ScenarioStage&) = delete;

  void close() { *open_ = false; }
  bool is_open() const { return *open_; }

  LabTime now() const { return runtime_.loop.now(); }
  LabTime began() const { return runtime_.began; }
  const LabFile& file() const { return runtime_.file; }
  const Topology& topology() const { return runtime_.topology(); }

  // Calls at that lab time, or in the next turn if it is over; calls for one time come in the order of asking.
  void at(LabTime when, std::function<void()> then);
  // Gives a live command, recorded as the scenario's.
  void command(std::string verb, std::vector<std::string> arguments, Seq cause, Done done);
  // Runs a shell command line in a node, recorded as a command of the scenario.
  void exec(const std::string& node, const std::string& line, Seq cause, ExecObserver observer);
  // Runs one to look at the lab: an `exec`, but no command. Returns the exec's event.
  Seq look(NodeId node, const std::string& line, Seq cause, ExecObserver observer);
  // Records what became of a step, or of a watch (step 0).
  Seq tell(Seq cause, std::uint32_t step, StepStateKind state, std::string detail);
  void narrate(const std::string& words) { runtime_.narrate(words); }

 private:
  ExecObserver guarded(ExecObserver observer) const;

  LabRuntime runtime_;
  Commands& commands_;
  ExecRunner& execs_;
  std::shared_ptr<bool> open_;
};

// One step while it runs; `done` is called once, when it is over.
struct StepRun {
  const Step& step;
  Seq begun;  // its event
  LabTime began;
  std::string round;  // " (round 2 of 5)" if it stands in a repeat
  Done done;
};

}  // namespace labreel
