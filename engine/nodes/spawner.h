// Spawner: a process, forked before the reel opens, that starts and ends nodes for the engine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/event.h"
#include "engine/nodes/node_driver.h"
#include "engine/nodes/node_spec.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// What the spawner tells, in the order in which it happened.
struct NodeUp {
  NodeId node{};
  std::vector<std::pair<PortId, OwnedFd>> ports;  // TAP file descriptors, non-blocking
  // A route socket in the node's network namespace, for TapTransport's drop counts. It and the TAPs keep the namespace
  // alive: close them at NodeDown.
  OwnedFd counters;
};
struct NodeFailed {  // did not start
  NodeId node{};
  std::string error;  // for people; names the attempt
};
struct NodeDown {  // ended: asked to, or by itself
  NodeId node{};
  bool asked = false;
  std::string why;  // "stopped", "killed by signal 9", "exited with status 1"
};
struct NodeFrozen {  // answer to pause
  NodeId node{};
};
struct NodeQuiet {  // was stopped, and no process of it is left: read its ports to their end, then let it leave()
  NodeId node{};
};
struct ExecEnded {
  ExecId exec{};
  NodeId node{};
  std::int32_t status = 0;  // exit code, 128 + signal, or 127 / 126 if it could not be started
};
struct PortChanged {  // answer to add_port
  NodeId node{};
  PortId port{};
  OwnedFd fd;
  std::string error;  // empty: done
};
struct ConsoleOpened {  // answer to console
  ExecId exec{};
  NodeId node{};
  OwnedFd terminal;  // the master side, non-blocking: bytes go in and out here, TIOCSWINSZ resizes it
};
using SpawnerEvent = std::variant<NodeUp, NodeFailed, NodeDown, NodeFrozen, NodeQuiet, ExecEnded, PortChanged,
                                  ConsoleOpened>;

// The ends of an exec's pipes that the engine reads; non-blocking, close-on-exec.
struct ExecStreams {
  OwnedFd stdout_fd;
  OwnedFd stderr_fd;
};

// Shape: used from one thread. Every request is answered later through receive(); nothing here waits for a node.
// Errors: std::system_error if the spawner process cannot be started or is gone.
//
// - Pausing is SIGSTOP to every process of the node at once (the kernel does it under one lock, so no fork escapes),
// not a
//   cgroup freezer: nothing can stay behind, and every host can do it. resume() also continues processes that a shell
//   in the node had stopped. A paused node starts no exec until it is resumed.
// - stop() sends SIGTERM to every process, and SIGKILL to what is left after 2 s; a node still starting is stopped once
// up. crash() sends SIGKILL to every process at once, paused or not.
// - An exec ends when its main process does; daemons that it left may still hold the pipes. So read until ExecEnded,
//   then what is there without waiting, then close. Every exec has one ExecEnded, before its node's NodeDown.
// - Pid 1 of a node is its init; an exec's output never passes through it or the spawner.
//
// When this process dies in whatever way, SIGKILL included, the spawner ends every node and itself: no process,
// namespace, mount, interface or cgroup stays.
class Spawner {
 public:
  // Forks the spawner process. Call it before any thread starts and before the reel opens, from the thread that
  // lives longest (the kernel ends the spawner with that thread). Raises this process's limit of open files to its
  // hard limit, because every port is a descriptor here; the nodes keep the old limit.
  static Spawner fork_now();
  // Ends every node (SIGKILL) and waits for the spawner to be gone. Let go of the spawner before the TAPs: nodes take
  // their interfaces down side by side, while closing a live one takes the kernel some 20 ms.
  ~Spawner();
  Spawner(Spawner&&) noexcept;
  Spawner& operator=(Spawner&&) noexcept;

  // Readable when receive() has something.
  int fd() const;
  std::optional<SpawnerEvent> receive();
  // Requests that the spawner has not taken yet wait here, so that no request makes the engine wait. receive() sends what it
  // takes; whoever waits for no event calls this until it says that none is left.
  bool send_waiting();

  void start(const NodeSpec& spec);
  void stop(NodeId node);
  void crash(NodeId node);
  // Answers NodeQuiet: the node's interfaces go, with what was sent and not read. Without it the node is killed, 5 s after stop() and
  // 2 s after crash().
  void leave(NodeId node);
  // Freezes and thaws every process of the node.
  void pause(NodeId node);
  void resume(NodeId node);
  // Runs a command in the node with stdin /dev/null and the node's own root; PATH has the sbin folders.
  ExecStreams exec(ExecId exec, NodeId node, const std::vector<std::string>& argv);
  // Runs a command on a terminal of the node; answered by ConsoleOpened, and by ExecEnded at its end.
  void console(ExecId exec, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
               std::uint16_t columns);
  // Ends a running exec and its children (SIGKILL).
  void kill_exec(ExecId exec);
  void add_port(NodeId node, const InterfaceSpec& interface);
  void remove_port(NodeId node, PortId port);

 private:
  struct State;
  explicit Spawner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace labreel
