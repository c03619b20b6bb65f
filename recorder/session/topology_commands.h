// TopologyCommands: adding and taking away nodes, ports, links and lans while the lab runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/lab/scenario.h"
#include "recorder/session/lab_runtime.h"
#include "recorder/session/name_finder.h"
#include "recorder/session/node_keeper.h"

namespace labreel {

// Shape: each takes the arguments of its command and the command's event; `done` when the effects are recorded and, for
//        ports of running nodes, when the interface is there or gone.
class TopologyCommands {
 public:
  using Arguments = std::vector<std::string>;

  TopologyCommands(LabRuntime runtime, NodeKeeper& nodes) : runtime_(runtime), names_(runtime), nodes_(nodes) {}

  void add_node(const Arguments& arguments, Seq command, const Done& done);
  void delete_node(const Arguments& arguments, Seq command, const Done& done);
  void add_link(const Arguments& arguments, Seq command, const Done& done);
  void delete_link(const Arguments& arguments, Seq command, const Done& done);
  void add_lan(const Arguments& arguments, Seq command, const Done& done);
  void delete_lan(const Arguments& arguments, Seq command, const Done& done);
  void join_lan(const Arguments& arguments, Seq command, const Done& done);
  void leave_lan(const Arguments& arguments, Seq command, const Done& done);

 private:
  // Reads the settings of a cable that is to be made: what follows its two ends. In virtual time each direction gets a delay.
  Status read_new_cable(const Arguments& arguments, CableChange& settings) const;
  // Finds a port without a cable, or adds it to its node; then calls `then` with it, or `done` with the error.
  void with_free_port(const std::string& name, Seq command, const Done& done, const std::function<void(PortId)>& then);

  LabRuntime runtime_;
  NameFinder names_;
  NodeKeeper& nodes_;
};

}  // namespace labreel
