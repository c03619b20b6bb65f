// ConsoleRunner: terminals on nodes; what is typed and what is shown are events, in the order in which they happened.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/lab_control.h"
#include "recorder/session/exec_runner.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {

// Shape: a console is one `connect` command with node, rows, columns and program as its arguments. Its bytes,
//        `connect.resize` and `connect.hang-up` have it as their cause, and its command.done comes with its end.
class ConsoleRunner {
 public:
  ConsoleRunner(LabRuntime runtime, ExecRunner& execs) : runtime_(std::move(runtime)), execs_(execs) {}

  // Opens a console on a node that runs; a refusal is recorded and told to the observer.
  void open(const ConsoleRequest& request, ExecObserver observer);
  // A token that names no console (any more) is passed over.
  void write(std::uint64_t token, const std::string& bytes);
  void resize(std::uint64_t token, std::uint16_t rows, std::uint16_t columns);
  void hang_up(std::uint64_t token);
  // Does again what such a command of a recording did to the console of that token; `connect` opens it under that name.
  // Says whether it is such a command.
  bool play(const CommandRequest& request, std::uint64_t token);

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
  void record_change(const Running& console, const std::string& verb, std::vector<std::string> arguments,
                     const std::function<void()>& change);

  LabRuntime runtime_;
  ExecRunner& execs_;  // gives the ids
  Consoles running_;
};

}  // namespace labreel
