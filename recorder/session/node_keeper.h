// NodeKeeper: the life of each node: started with its ports and its `exec:` lines, stopped, or dead by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "recorder/session/exec_runner.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {

class NodeKeeper {
 public:
  NodeKeeper(LabRuntime runtime, ExecRunner& execs) : runtime_(std::move(runtime)), execs_(execs) {}

  // Called when a node ends without having been asked to.
  std::function<void(const std::string& node, const std::string& why)> on_death;

  // Starts a node of the lab file; `done` when its `exec:` lines have run, or at the first thing that fails.
  void start(NodeId node, Seq cause, Done done);
  // Ends a node; `done` when it is gone.
  void stop(NodeId node, Seq cause, Done done);
  // Ends a running node as a power cut would; `done` when it is gone.
  void crash(NodeId node, Seq cause, Done done);
  // Ends every node, and starts none from now on: a restart that is half way ends there.
  void stop_all(Seq cause);
  // Freezes a node; `done` when it stands still and `node.paused` is recorded, or when it ended before that.
  void pause(NodeId node, Seq cause, Done done);
  Status resume(NodeId node, Seq cause);

  // Gives a running node one more interface.
  void plug(NodeId node, const InterfaceSpec& interface, Done done);

  // What the driver said.
  void came_up(NodeId node);
  void failed(NodeId node, const std::string& error);
  void went_down(NodeId node, bool asked, const std::string& why);
  void was_paused(NodeId node);
  void port_changed(PortId port, const std::string& error);

  // Whether any node is up or on its way.
  bool any_alive() const { return !lives_.empty(); }
  bool is_alive(NodeId node) const { return lives_.contains(node); }

 private:
  struct Life {
    Seq cause;                    // the command that started it
    bool up = false;
    std::size_t next_line = 0;    // of `exec:`
    Done started;
    Done stopped;
    Seq stop_cause;
    Done paused;  // waits for the driver's answer
    Seq pause_cause;
  };

  bool begin_stop(NodeId node, Seq cause, Done done);
  Result<NodeSpec> spec_of(NodeId node) const;
  const NodeDef* definition_of(NodeId node) const;
  void run_next_line(NodeId node);
  void finish_start(NodeId node, Status status);

  LabRuntime runtime_;
  ExecRunner& execs_;
  std::map<NodeId, Life> lives_;
  bool is_ending_ = false;
  struct Plugging {
    NodeId node{};
    Done done;
  };
  std::map<PortId, Plugging> plugging_;  // ports whose driver has not answered yet
};

}  // namespace labreel
