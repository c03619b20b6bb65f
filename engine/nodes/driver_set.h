// DriverSet: the drivers of a lab whose nodes are of several kinds, as one driver.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/clock/lab_loop.h"
#include "engine/nodes/node_driver.h"

namespace labreel {

// Shape:  a node belongs to the driver of its kind from start() until its end is told; what is asked of a node that none has is
//         answered as of one that is not running.
// Errors: a node of a kind without a driver does not start: node_failed.
class DriverSet final : public NodeDriver, private NodeListener {
 public:
  explicit DriverSet(LabLoop& loop) : loop_(loop) {}

  // Gives it the driver of a kind, before anything is asked. The driver outlives the set.
  void add(NodeKindName kind, NodeDriver& driver);

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
  std::set<std::string> host_files() const override;

 private:
  void node_is_up(NodeId node) override;
  void node_failed(NodeId node, const std::string& error) override;
  void node_is_down(NodeId node, bool asked, const std::string& why) override;
  void node_is_paused(NodeId node) override;
  void port_changed(NodeId node, PortId port, const std::string& error) override;
  void console_printed(ExecId console, std::string_view bytes) override;
  void exec_printed(ExecId exec, Stream stream, std::string_view bytes) override;
  void exec_ended(ExecId exec, std::int32_t status) override;

  LabLoop& loop_;
  NodeListener* listener_ = nullptr;
  std::map<NodeKindName, NodeDriver*> drivers_;
  std::map<NodeId, NodeDriver*> nodes_;
  std::map<ExecId, NodeDriver*> execs_;  // and consoles
};

}  // namespace labreel
