// NamespaceDriver: namespace nodes in real time: the spawner's nodes, their TAPs on the loop, their execs' pipes read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/clock/real_time_loop.h"
#include "engine/nodes/node_driver.h"
#include "engine/nodes/spawner.h"
#include "engine/os/route_socket.h"

namespace labreel {

class NamespaceDriver final : public NodeDriver {
 public:
  NamespaceDriver(Spawner& spawner, RealTimeLoop& loop);
  ~NamespaceDriver() override;

  void listen(NodeListener& listener) override { listener_ = &listener; }
  void start(const NodeSpec& spec) override { spawner_.start(spec); }
  void stop(NodeId node) override { spawner_.stop(node); }
  void pause(NodeId node) override { spawner_.pause(node); }
  void resume(NodeId node) override { spawner_.resume(node); }
  void exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) override;
  void kill_exec(ExecId exec) override;
  bool console(ExecId console, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
               std::uint16_t columns) override;
  void write_console(ExecId console, std::string_view bytes) override;
  void resize_console(ExecId console, std::uint16_t rows, std::uint16_t columns) override;
  void add_port(NodeId node, const InterfaceSpec& interface) override { spawner_.add_port(node, interface); }
  void remove_port(NodeId node, PortId port) override;

 private:
  struct Machine {
    std::shared_ptr<RouteSocket> counters;  // asks the kernel for what it dropped
    std::vector<PortId> ports;
  };

  void handle(NodeUp& up);
  void handle(const NodeFailed& failure);
  void handle(const NodeDown& down);
  void handle(const ExecEnded& end);
  void handle(PortChanged& change);
  void handle(ConsoleOpened& opened);
  bool read_console(ExecId console);
  void flush_console(ExecId console);
  void attach(Machine& machine, PortId port, OwnedFd fd);
  bool read_some(ExecId exec, Stream stream);
  void close_stream(OwnedFd& fd);

  Spawner& spawner_;
  RealTimeLoop& loop_;
  NodeListener* listener_ = nullptr;
  std::map<NodeId, Machine> machines_;
  struct Console {
    OwnedFd terminal;     // not there yet at first
    std::string waiting;  // typed, but not taken by the terminal yet
    bool retrying = false;
  };
  std::map<ExecId, ExecStreams> execs_;
  std::map<ExecId, Console> consoles_;
};

}  // namespace labreel
