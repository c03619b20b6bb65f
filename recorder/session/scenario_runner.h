// ScenarioRunner: plays the lab file's own script, step by step, and records how each went.
#pragma once

#include <regex.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "recorder/session/commands.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {

class ScenarioRunner {
 public:
  ScenarioRunner(LabRuntime runtime, Commands& commands, ExecRunner& execs);
  ~ScenarioRunner();

  // Plays every step in order; `done` at the end, or with the first step that failed and its line.
  void run(Done done);
  // Plays nothing more; `done` is not called. For a lab that ends in the middle.
  void abandon();

 private:
  struct Waiting;  // a `wait` that does not hold yet

  void begin_next_step();
  void finish_step(Status status);
  void play(const WaitStep& step);
  void play(const MarkStep& step);
  void play(const LinkStep& step);
  void play(const NodeStep& step);
  void play(const LanStep& step);
  void play(const ExecStep& step);
  void play(const SleepStep& step);
  void command(std::string verb, std::vector<std::string> arguments);
  void poll_condition();
  void judge_condition(std::int32_t status);

  LabRuntime runtime_;
  Commands& commands_;
  ExecRunner& execs_;
  Done done_;
  std::size_t index_ = 0;  // of the step that runs
  Seq step_seq_;           // its `begun`
  LabTime began_;
  std::unique_ptr<Waiting> waiting_;
};

}  // namespace labreel
