// ConsoleRunner: terminals on nodes; what is typed and what is shown are events, in the order in which they happened.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "recorder/lab_control.h"
#include "recorder/session/exec_runner.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {

// Shape: a console is one `connect` command: its bytes and its changes of size have it as their cause, and its
//        command.done comes with its end.
class ConsoleRunner {
 public:
  ConsoleRunner(LabRuntime runtime, ExecRunner& execs) : runtime_(std::move(runtime)), execs_(execs) {}

  // Opens a console on a node that runs; a refusal is recorded and told to the observer.
  void open(const ConsoleRequest& request, ExecObserver observer);
  // A token that names no console (any more) is passed over.
  void write(std::uint64_t token, const std::string& bytes);
  void resize(std::uint64_t token, std::uint16_t rows, std::uint16_t columns);
  void hang_up(std::uint64_t token);

  // What the driver said.
  void printed(ExecId console, std::string_view bytes);
  void ended(ExecId console, std::int32_t status);

 private:
  struct Running {
    NodeId node{};
    Seq command;
    ExecObserver observer;
  };
  using Consoles = std::map<ExecId, Running>;

  Consoles::iterator find(std::uint64_t token);
  std::string refusal(const ConsoleRequest& request) const;

  LabRuntime runtime_;
  ExecRunner& execs_;  // gives the ids
  Consoles running_;
};

}  // namespace labreel
