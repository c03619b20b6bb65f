// UmlDriver: uml nodes in virtual time: User-Mode Linux guests on the calendar, commanded over their agents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/clock/virtual/virtual_loop.h"
#include "engine/core/node_kinds.h"
#include "engine/nodes/node_driver.h"
#include "engine/nodes/uml/agent_protocol.h"
#include "engine/text/host_notes.h"

namespace labreel {

struct UmlOptions {
  std::string kernel;                     // path of the kernel: find_uml_kernel()
  std::string image;                      // absolute path of the guests' root; empty: the host's files
  std::uint64_t seed = 1;                 // the lab's: every guest's randomness comes from it and the node's name
  std::uint32_t memory_mib = kUmlMemory_bytes / kMiB;  // of a guest whose node says nothing
  std::uint64_t clock_cost_ns = 10'000;   // of one read of a guest's clock
  std::uint64_t epoch_s = 1'700'000'000;  // what a guest's calendar says at lab time 0, since 1970
  bool strict = false;                    // hide the host CPU's clock, and its identity where that can be
  int silence_ms = 30'000;  // of wall-clock time that a guest may run without a word: longer, and it is ended
  bool pin = true;          // keep each guest to one CPU of the host
};

// Returns the kernel's command line for a guest; it belongs among what a lab depends on.
std::vector<std::string> uml_command_line(const UmlOptions& options, const NodeSpec& spec, LabTime start);

// What the events of a lab of uml nodes depend on beside the lab file: two runs with equal values and equal files of
// the host give equal events. It belongs into the reel, for `verify` to compare before it runs.
// Errors: the kernel or the image cannot be read.
Result<InputsNote> uml_inputs(const UmlOptions& options);

// Shape: the ports of a uml node are fixed when it starts: add_port() is answered with an error.
class UmlDriver final : public NodeDriver {
 public:
  UmlDriver(VirtualLoop& loop, UmlOptions options);
  ~UmlDriver() override;

  void listen(NodeListener& listener) override { listener_ = &listener; }
  void start(const NodeSpec& spec) override;
  void stop(NodeId node) override;
  void crash(NodeId node) override;
  void pause(NodeId node) override;
  void resume(NodeId node) override;
  void exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) override;
  void kill_exec(ExecId exec) override;
  bool console(ExecId console, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
               std::uint16_t columns) override;
  void write_console(ExecId console, std::string_view bytes) override;
  void resize_console(ExecId console, std::uint16_t rows, std::uint16_t columns) override;
  void add_port(NodeId node, const InterfaceSpec& interface) override;
  void remove_port(NodeId node, PortId port) override;

  // None of a lab with an image.
  std::set<std::string> host_files() const override { return host_files_; }

 private:
  class Machine;
  Machine* machine_of(NodeId node);
  Machine* machine_of(ExecId exec);
  void begin(AgentMessageKind kind, ExecId exec, NodeId node, const std::vector<std::string>& argv,
             std::int32_t detail = 0);
  void bury(NodeId node);
  void soon(std::function<void()> call) { loop_.call_at(loop_.now(), std::move(call)); }

  VirtualLoop& loop_;
  UmlOptions options_;
  NodeListener* listener_ = nullptr;
  std::map<NodeId, std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<Machine>> dead_;
  std::map<ExecId, NodeId> execs_;  // and consoles
  std::size_t started_ = 0;
  std::set<std::string> host_files_;
};

}  // namespace labreel
