// Commands: every live command of a lab, recorded as `command`, its effects, `command.done`.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "recorder/lab_control.h"
#include "recorder/session/continuation.h"
#include "recorder/session/exec_runner.h"
#include "recorder/session/lab_runtime.h"
#include "recorder/session/name_finder.h"
#include "recorder/session/node_keeper.h"
#include "recorder/session/topology_commands.h"

namespace labreel {

class Commands {
 public:
  Commands(LabRuntime runtime, NodeKeeper& nodes, ExecRunner& execs);

  // What `scenario.stop` does.
  std::function<void()> on_scenario_stop;

  // Says which markers the reel had before this run.
  void know_markers(MarkerCounts markers) { markers_ = std::move(markers); }

  // Runs one command; `cause` is the scenario step that asked for it, if any. A command that fails is recorded too.
  void submit(const CommandRequest& request, Seq cause, std::function<void(CommandReply)> done);

  // Sends frames into a port, each as an `inject` command of its own; the first that is refused ends it.
  InjectReply inject(const InjectRequest& request);

  // Runs a command in a node, recorded as an `exec` command.
  // Shape: returns the exec's id for cancel, unless it could not be started.
  std::optional<ExecId> exec(const std::string& node, const std::vector<std::string>& argv, const Origin& by,
                             Seq cause, ExecObserver observer);

 private:
  using Arguments = std::vector<std::string>;
  using Handler = std::function<void(const Arguments&, Seq, Done)>;

  Status set_cable_state(const Arguments& arguments, Seq command, bool up);
  Status set_cable(const Arguments& arguments, Seq command);
  CommandReply end(Seq command, const Status& status);
  Status inject_hex(const Arguments& arguments, Seq command);
  Status inject_frame(const std::string& port, const std::string& from, const std::string& frame, Seq command);
  Status mark(const Arguments& arguments, Seq command);
  void restart(NodeId node, Seq command, const Done& done);
  void with_node(const Arguments& arguments, const Done& done, const std::function<void(NodeId)>& act);

  LabRuntime runtime_;
  NameFinder names_;
  NodeKeeper& nodes_;
  ExecRunner& execs_;
  TopologyCommands topology_;
  std::map<std::string, Handler> handlers_;
  MarkerCounts markers_;
};

}  // namespace labreel
