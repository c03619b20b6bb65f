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
  struct Console {
    pid_t leader = 0;
    OwnedFd keyboard;
    std::string waiting;  // typed, and more than the terminal takes now
  };

  void read_serial();
  bool handle_messages();
  void handle(const AgentMessage& message);
  void start(const AgentMessage& message);
  void open_console(const AgentMessage& message);
  void flush(Console& console);
  void kill(std::uint32_t id);
  bool forward(AgentMessage head, OwnedFd& fd);
  void forward_rest(const AgentMessage& head, OwnedFd& fd);
  void bury();
  void bury(pid_t dead, std::int32_t status);
  void end_all();

  OwnedFd serial_;
  OwnedFd deaths_;  // a signalfd
  std::string host_name_;
  AgentReader reader_;
  std::map<std::uint32_t, Exec> execs_;
  std::map<std::uint32_t, Console> consoles_;
};

}  // namespace labreel
