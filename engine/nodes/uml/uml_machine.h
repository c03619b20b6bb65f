// UmlDriver::Machine: one guest: its process, its place on the calendar, and the talk with its agent.
#pragma once

#include <sys/types.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/clock/virtual/time_travel_guest.h"
#include "engine/nodes/uml/agent_protocol.h"
#include "engine/nodes/uml/run_folder.h"
#include "engine/nodes/uml/uml_driver.h"

namespace labreel {

class UmlDriver::Machine {
 public:
  // Errors: std::system_error if the guest's process cannot be started.
  Machine(UmlDriver& driver, const NodeSpec& spec, std::size_t place);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void stop();
  void crash();
  void pause() { guest_->pause(driver_.loop_.now()); }
  void resume() { guest_->resume(driver_.loop_.now()); }
  // Gives the agent an exec or a console; says whether it could.
  bool begin(AgentMessageKind kind, ExecId exec, const std::vector<std::string>& argv, std::int32_t detail);
  void kill_exec(ExecId exec);
  void write_console(ExecId console, std::string_view bytes);
  void resize_console(ExecId console, std::int32_t size);
  void remove_port(PortId port);

  // Settles what became of a guest that has ended: the listener hears all, the process is gone.
  void finish();

 private:
  void end_now();
  void window_done();
  void read_agent();
  bool handle(AgentMessage& message);
  void become_up();
  void tell(const AgentMessage& message);
  std::string explain_end(int wait_status) const;
  int wait_for_exit();

  UmlDriver& driver_;
  NodeSpec spec_;
  RunFolder folder_;
  OwnedFd path_log_;
  std::unique_ptr<TimeTravelGuest> guest_;
  pid_t pid_ = -1;
  AgentReader reader_;
  std::set<ExecId> execs_;
  std::set<ExecId> consoles_;
  std::string console_;  // its end
  std::string failure_;  // what the agent could not do
  TimerId grace_{};
  bool up_ = false;
  bool asked_to_stop_ = false;
  bool crashed_ = false;
  bool finished_ = false;
};

}  // namespace labreel
