// Agent: runs a machine's commands as its driver asks, over the serial port.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/nodes/uml/agent_protocol.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: used by pid 1; it also buries the processes that others left behind.
class Agent {
 public:
  Agent(OwnedFd serial, std::string host_name);

  void tell(const AgentMessage& message);
  // Waits for the driver's next message.
  AgentMessage wait_for_message();
  // Serves until it is told to stop.
  void serve();

 private:
  struct Exec {
    pid_t leader = 0;
    OwnedFd stdout_fd;
    OwnedFd stderr_fd;
  };

  void read_serial();
  bool handle_messages();
  void start(const AgentMessage& message);
  bool forward(std::uint32_t id, OwnedFd& fd, std::int32_t stream);
  void bury();
  void finish(std::uint32_t id, Exec& exec, int wait_status);
  void end_all();

  OwnedFd serial_;
  OwnedFd deaths_;  // a signalfd
  std::string host_name_;
  AgentReader reader_;
  std::map<std::uint32_t, Exec> execs_;
};

}  // namespace labreel
