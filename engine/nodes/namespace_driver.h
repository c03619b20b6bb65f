// NamespaceDriver: namespace nodes in real time: the spawner's nodes, their TAPs on the loop, their execs' pipes read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
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
  // Starts a node when no more than kStartingMax others are on their way up; stop() takes back what waits for that.
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

 private:
  struct Machine {
    std::shared_ptr<RouteSocket> counters;  // asks the kernel for what it dropped
    std::vector<PortId> ports;
  };

  // So many nodes being set up keep every CPU busy, and a lab's end waits for no more than these.
  static constexpr std::size_t kStartingMax = 64;

  void take_events();
  void send_soon();
  void start_next();
  void handle(NodeUp& up);
  void handle(const NodeFailed& failure);
  void handle(const NodeQuiet& quiet);
  void handle(const NodeDown& down);
  void handle(const NodeFrozen& frozen) { listener_->node_is_paused(frozen.node); }
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
  std::deque<NodeSpec> to_start_;
  std::set<NodeId> starting_;
  bool sends_soon_ = false;
  struct Console {
    OwnedFd terminal;     // not there yet at first
    std::string waiting;  // typed, but not taken by the terminal yet
    bool retrying = false;
  };
  std::map<ExecId, ExecStreams> execs_;
  std::map<ExecId, Console> consoles_;
};

}  // namespace labreel
