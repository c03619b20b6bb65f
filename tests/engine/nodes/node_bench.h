// NodeBench: a spawner with a loop around it, for tests: starts nodes, patches their ports together, runs commands.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/nodes/spawner.h"
#include "engine/transports/node_port.h"

namespace labreel {

struct Finished {
  int status = -1;
  std::string out;
  std::string err;
};

class NodeBench {
 public:
  NodeBench() : spawner(Spawner::fork_now()) {}

  // Starts a node and waits until it is up; throws std::runtime_error with the node's error if it does not start.
  void start(const NodeSpec& spec);
  void wait_up(NodeId node);
  NodeDown stop(NodeId node);

  ExecId begin(NodeId node, const std::vector<std::string>& argv);
  Finished finish(ExecId exec, std::chrono::seconds patience = std::chrono::seconds(20));
  Finished run(NodeId node, const std::vector<std::string>& argv);
  Finished shell(NodeId node, const std::string& line) { return run(node, {"/bin/sh", "-c", line}); }
  ExecId begin_console(NodeId node, const std::vector<std::string>& argv);
  std::string out_so_far(ExecId exec) { return execs_.at(exec).result.out; }

  // Every frame from one port goes to the other, until the bench ends.
  void patch(PortId a, PortId b);
  // Told of what crossed at one go: the frames, in how many reads they came and in how many writes they went.
  std::function<void(const std::vector<Bytes>& frames, std::size_t reads, std::size_t sends)> on_train;
  // Told of a stopped node of which no process is left, before it leaves.
  std::function<void(NodeId)> on_quiet;
  Transport& port(PortId port) { return *ports.at(port); }

  // Serves events, pipes and patched ports until `done` holds; false after `patience`.
  bool serve_until(const std::function<bool()>& done, std::chrono::milliseconds patience);
  void serve_for(std::chrono::milliseconds duration);

  std::map<NodeId, bool> up;
  std::map<NodeId, std::string> failed;
  std::map<NodeId, NodeDown> down;
  std::set<NodeId> frozen;  // that answered pause
  std::map<ExecId, OwnedFd> consoles;
  std::map<PortId, std::string> port_errors;  // answers to add_port
  std::map<PortId, std::unique_ptr<Transport>> ports;
  Spawner spawner;  // goes first

 private:
  struct RunningExec {
    ExecStreams streams;
    Finished result;
    bool ended = false;
  };
  void turn(int wait_ms);
  void take(SpawnerEvent event);
  void forward(PortId from, PortId to);

  std::map<ExecId, RunningExec> execs_;
  std::map<PortId, PortId> patches_;
  std::map<NodeId, std::shared_ptr<RouteSocket>> counters_;
  std::uint32_t next_exec_ = 1;
};

// Every frame that waits at a port; counts the reads, too.
std::vector<std::vector<std::byte>> read_frames(Transport& port, std::size_t* reads = nullptr);

// A node "nNUMBER" whose ports eth1, eth2 … have the ids 10 * number + 1, + 2 …
NodeSpec node_spec(std::uint32_t number, const std::vector<std::vector<std::string>>& addresses_by_port = {});

}  // namespace labreel
