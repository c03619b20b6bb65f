#include "engine/nodes/node_init.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>

#include "engine/nodes/exec_child.h"
#include "engine/nodes/message.h"
#include "engine/nodes/node_network.h"
#include "engine/nodes/node_rights.h"
#include "engine/nodes/roots/place_files.h"
#include "engine/nodes/terminal.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kStopGrace{2};

[[noreturn]] void exit_init(InitExit how) { ::_exit(static_cast<int>(how)); }

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

class NodeInit {
 public:
  NodeInit(int socket, const NodeSpec& spec, const rlimit& files_limit, const roots::Root& root)
      : socket_(socket), spec_(spec), files_limit_(files_limit), root_(root) {}

  void set_up();
  [[noreturn]] void serve();

 private:
  void answer(MessageKind kind, std::uint32_t id, std::int32_t status, std::string body, OwnedFd fd = {});
  void handle(Message message);
  void begin(const Message& message);
  void exec(const Message& message);
  void console(const Message& message);
  void kill_exec(std::uint32_t exec);
  void add_port(const Message& message);
  void pause();
  void resume();
  void stop();
  void kill_all(InitExit why);
  void reap();
  [[noreturn]] void end(InitExit how);
  int wait_ms() const;

  int socket_;
  const NodeSpec& spec_;
  rlimit files_limit_;
  const roots::Root& root_;
  OwnedFd children_;  // signalfd
  std::optional<NodeNetwork> network_;
  std::map<pid_t, std::uint32_t> execs_;
  bool paused_ = false;
  std::deque<Message> paused_execs_;
  std::optional<Clock::time_point> stop_deadline_;  // until all are gone, or killed
  std::optional<InitExit> ending_;                  // once it was stopped
  bool quiet_ = false;                              // that was told, and nothing but `leave` is waited for
};

void NodeInit::set_up() {
  set_oom_score(kNodeOomScore);
  const int namespaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
  checked("make the node's namespaces", ::unshare(namespaces));
  root_.enter(spec_.files);
  roots::name_node(spec_.name);
  OwnedFd null(checked("open /dev/null", ::open("/dev/null", O_RDWR | O_CLOEXEC)));
  for (const int standard : {0, 1, 2}) checked("use /dev/null", ::dup2(null.get(), standard));
  network_.emplace();
  for (const auto& interface : spec_.interfaces) {
    try {
      answer(MessageKind::port_ready, index_of(interface.port), 0, {}, network_->add_port(interface));
    } catch (const std::system_error& error) {
      throw std::runtime_error("port " + interface.name + ": " + error.what());
    }
  }
  roots::place_files(spec_.files);
  drop_host_capabilities();
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  children_ = OwnedFd(checked("signalfd", ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK)));
  answer(MessageKind::up, 0, 0, {}, RouteSocket::open().take_fd());
}

// May wait: the spawner always reads.
void NodeInit::answer(MessageKind kind, std::uint32_t id, std::int32_t status, std::string body, OwnedFd fd) {
  Message message{kind, spec_.node, id, status, std::move(body), {}};
  if (fd.is_open()) message.fds.push_back(std::move(fd));
  if (send_message(socket_, message, true) != Sent::done) exit_init(InitExit::failed);
}

void NodeInit::begin(const Message& message) {
  message.kind == MessageKind::console ? console(message) : exec(message);
}

void NodeInit::exec(const Message& message) {
  const auto argv = decode_words(message.body);
  if (!argv || message.fds.size() != 2) {
    answer(MessageKind::exec_ended, message.id, 126, {});
    return;
  }
  try {
    const pid_t pid = start_exec(*argv, message.fds[0].get(), message.fds[1].get(), spec_.name, files_limit_);
    execs_[pid] = message.id;
  } catch (const std::system_error& error) {
    ::dprintf(message.fds[1].get(), "labreel: %s\n", error.what());
    answer(MessageKind::exec_ended, message.id, 126, {});
  }
}

void NodeInit::console(const Message& message) {
  try {
    const auto argv = decode_words(message.body);
    if (!argv) throw std::system_error(EINVAL, std::generic_category(), "read a request");
    Terminal terminal = open_terminal(rows_of(message.status), columns_of(message.status));
    const pid_t pid = start_on_terminal(*argv, terminal.program.get(), spec_.name, files_limit_);
    execs_[pid] = message.id;
    answer(MessageKind::console_opened, message.id, 0, {}, std::move(terminal.keyboard));
  } catch (const std::system_error&) {
    answer(MessageKind::exec_ended, message.id, 126, {});
  }
}

void NodeInit::kill_exec(std::uint32_t exec) {
  for (const auto& [pid, id] : execs_) {
    if (id == exec) kill_session(pid);
  }
  if (std::erase_if(paused_execs_, [&](const Message& waiting) { return waiting.id == exec; }) > 0) {
    answer(MessageKind::exec_ended, exec, 128 + SIGKILL, {});
  }
}

void NodeInit::add_port(const Message& message) {
  const auto interface = decode_interface(message.body);
  if (!interface) return answer(MessageKind::port_changed, message.id, 0, "malformed request");
  try {
    answer(MessageKind::port_changed, message.id, 0, {}, network_->add_port(*interface));
  } catch (const std::system_error& error) {
    answer(MessageKind::port_changed, message.id, 0, "port " + interface->name + ": " + error.what());
  }
}

// kill(-1) reaches all of the pid namespace but this process. The kernel holds its task list meanwhile, and a fork
// that a signal meets is begun again after it: nobody slips through.
void NodeInit::pause() {
  paused_ = true;
  ::kill(-1, SIGSTOP);
  answer(MessageKind::paused, 0, 0, {});
}

void NodeInit::resume() {
  paused_ = false;
  ::kill(-1, SIGCONT);
  for (; !paused_execs_.empty(); paused_execs_.pop_front()) begin(paused_execs_.front());
}

void NodeInit::stop() {
  if (ending_) return;
  ending_ = InitExit::done;
  stop_deadline_ = Clock::now() + kStopGrace;
  ::kill(-1, SIGTERM);
  ::kill(-1, SIGCONT);
  reap();
}

// From here on nothing is begun any more.
void NodeInit::kill_all(InitExit why) {
  ending_ = why;
  stop_deadline_.reset();
  ::kill(-1, SIGKILL);
  reap();
}

void NodeInit::handle(Message message) {
  const bool is_killed = ending_ && *ending_ != InitExit::done;
  if ((quiet_ || is_killed) && message.kind != MessageKind::leave) return;
  switch (message.kind) {
    case MessageKind::exec:
    case MessageKind::console:
      if (paused_) {
        paused_execs_.push_back(std::move(message));
      } else {
        begin(message);
      }
      break;
    case MessageKind::kill_exec:
      kill_exec(message.id);
      break;
    case MessageKind::add_port:
      add_port(message);
      break;
    case MessageKind::remove_port:
      network_->remove_port(PortId{message.id});
      break;
    case MessageKind::pause:
      pause();
      break;
    case MessageKind::resume:
      resume();
      break;
    case MessageKind::stop:
      stop();
      break;
    case MessageKind::crash:
      kill_all(InitExit::crashed);
      break;
    case MessageKind::leave:
      end(quiet_ ? *ending_ : InitExit::failed);  // it does not come back
    default:
      exit_init(InitExit::failed);
  }
}

void NodeInit::reap() {
  for (;;) {
    int wait_status = 0;
    const pid_t pid = ::waitpid(-1, &wait_status, WNOHANG);
    if (pid == 0) return;
    if (pid < 0) break;
    const auto found = execs_.find(pid);
    if (found == execs_.end()) continue;
    const std::uint32_t exec = found->second;
    execs_.erase(found);
    answer(MessageKind::exec_ended, exec, status_of(wait_status), {});
  }
  // No process is left. The interfaces go with what the engine has not read from them, so it is asked to first.
  if (!ending_ || quiet_) return;
  quiet_ = true;
  stop_deadline_.reset();
  answer(MessageKind::quiet, 0, 0, {});
}

void NodeInit::end(InitExit how) {
  ::kill(-1, SIGKILL);
  network_->remove_all_ports();
  exit_init(how);
}

int NodeInit::wait_ms() const {
  if (!stop_deadline_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*stop_deadline_ - Clock::now());
  return std::max(0, static_cast<int>(left.count()));
}

void NodeInit::serve() {
  for (;;) {
    std::array<pollfd, 2> waits{{{socket_, POLLIN, 0}, {children_.get(), POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), wait_ms());
    if (stop_deadline_ && Clock::now() >= *stop_deadline_) kill_all(InitExit::grace_over);
    if (waits[1].revents != 0) {
      signalfd_siginfo signal{};
      while (::read(children_.get(), &signal, sizeof signal) > 0) {
      }
      reap();
    }
    if (waits[0].revents == 0) continue;
    Message message;
    switch (receive_message(socket_, message)) {
      case Arrived::message:
        handle(std::move(message));
        break;
      case Arrived::nothing:
        break;
      case Arrived::closed:
      case Arrived::malformed:
        end(InitExit::failed);
    }
  }
}

void fail(int socket, NodeId node, const std::string& why) {
  send_message(socket, Message{MessageKind::failed, node, 0, 0, why, {}}, true);
  exit_init(InitExit::failed);
}

}  // namespace

void run_node_init(int socket, std::string_view spec_body, const rlimit& files_limit, const roots::Root& root) {
  // If the spawner is gone already, its end of the socket is closed, and serve() sees that.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "labreel-node");
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::setsid();
  const auto spec = decode_spec(spec_body);
  if (!spec) exit_init(InitExit::failed);
  try {
    NodeInit init(socket, *spec, files_limit, root);
    init.set_up();
    init.serve();
  } catch (const std::exception& error) {
    fail(socket, spec->node, error.what());
  }
  exit_init(InitExit::failed);
}

}  // namespace labreel
