// NodeDriver: starts, ends and commands machines of one kind. It attaches their ports to its loop by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/nodes/node_spec.h"

namespace labreel {

enum class ExecId : std::uint32_t {};

// What a driver tells, on the lab's thread, in the order in which it happened.
class NodeListener {
 public:
  NodeListener() = default;
  NodeListener(const NodeListener&) = delete;
  NodeListener& operator=(const NodeListener&) = delete;
  virtual ~NodeListener() = default;
  // The machine runs; called before its first frame can arrive.
  virtual void node_is_up(NodeId node) = 0;
  // It did not start; the error names the attempt.
  virtual void node_failed(NodeId node, const std::string& error) = 0;
  // It ended: asked to, or by itself ("stopped", "killed by signal 9", "kernel panic: …"). Its ports are detached
  // when this returns.
  virtual void node_is_down(NodeId node, bool asked, const std::string& why) = 0;
  // The answer to pause(): nothing in the machine runs any more.
  virtual void node_is_paused(NodeId /*node*/) {}
  // The answer to add_port and remove_port; `error` is empty if it is done.
  virtual void port_changed(NodeId node, PortId port, const std::string& error) = 0;
  // What a console showed.
  virtual void console_printed(ExecId /*console*/, std::string_view /*bytes*/) {}
  virtual void exec_printed(ExecId exec, Stream stream, std::string_view bytes) = 0;
  // Exit code, 128 + signal, or 126 / 127 if it could not be started; after all that it printed.
  virtual void exec_ended(ExecId exec, std::int32_t status) = 0;
};

// Shape: used from the lab's thread; every request is answered later through the listener; nothing here waits.
class NodeDriver {
 public:
  NodeDriver() = default;
  NodeDriver(const NodeDriver&) = delete;
  NodeDriver& operator=(const NodeDriver&) = delete;
  virtual ~NodeDriver() = default;

  virtual void listen(NodeListener& listener) = 0;
  virtual void start(const NodeSpec& spec) = 0;
  // Ends it in good order. Answered by node_is_down.
  virtual void stop(NodeId node) = 0;
  // Ends it as a power cut would: nothing in it runs any more, paused or not, and nothing is told in it. Answered by node_is_down.
  virtual void crash(NodeId node) = 0;
  // Answered by node_is_paused, by some drivers before this returns; by node_is_down if the machine ends before that.
  virtual void pause(NodeId node) = 0;
  virtual void resume(NodeId node) = 0;
  // Runs a command in the node, stdin /dev/null, stdout and stderr apart.
  virtual void exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) = 0;
  virtual void kill_exec(ExecId exec) = 0;
  // Runs a command on a terminal of the node: console_printed tells what it shows, exec_ended its end; kill_exec ends it.
  // False: machines of this kind have no console.
  virtual bool console(ExecId /*console*/, NodeId /*node*/, const std::vector<std::string>& /*argv*/,
                       std::uint16_t /*rows*/, std::uint16_t /*columns*/) {
    return false;
  }
  virtual void write_console(ExecId /*console*/, std::string_view /*bytes*/) {}
  virtual void resize_console(ExecId /*console*/, std::uint16_t /*rows*/, std::uint16_t /*columns*/) {}
  // Plugs a port into a running node, or pulls it out.
  virtual void add_port(NodeId node, const InterfaceSpec& interface) = 0;
  virtual void remove_port(NodeId node, PortId port) = 0;
  // The host's files that machines which have ended read, if what is in them decides what happens.
  virtual std::set<std::string> host_files() const { return {}; }
};

}  // namespace labreel
