// ExecRunner: runs commands in nodes and records what they print, in the order in which the lab's thread learned of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recorder/lab_control.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {

class ExecRunner {
 public:
  explicit ExecRunner(LabRuntime runtime) : runtime_(std::move(runtime)) {}

  // Records an `exec`, starts it, records its output; `observer` hears of it too.
  ExecId run(NodeId node, std::vector<std::string> argv, Seq cause, ExecObserver observer);
  // Kills the exec of that token, recorded as `exec.cancel` of the command that began it; its `exec.done` follows.
  void cancel(std::uint64_t token);

  // A number for the driver that no other exec or console of the lab has.
  ExecId new_id() { return ExecId{++last_exec_}; }

  // What the driver said.
  void printed(ExecId exec, Stream stream, std::string_view bytes);
  void ended(ExecId exec, std::int32_t status);

 private:
  struct Running {
    NodeId node{};
    Seq seq;
    Seq command;
    ExecObserver observer;
  };

  LabRuntime runtime_;
  std::map<ExecId, Running> running_;
  std::uint32_t last_exec_ = 0;
};

}  // namespace labreel
