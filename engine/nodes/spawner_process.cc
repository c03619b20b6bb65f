#include "engine/nodes/spawner_process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "engine/core/node_death.h"
#include "engine/nodes/message.h"
#include "engine/nodes/node_init.h"
#include "engine/nodes/outbox.h"
#include "engine/nodes/roots/host_root.h"
#include "engine/nodes/roots/user_host_root.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

using Clock = std::chrono::steady_clock;
// A node's init keeps its own, shorter grace; this one is for an init that cannot.
constexpr std::chrono::seconds kInitGrace{5};
// A node's init has its ports read to their end and takes them down; one that does not is killed.
constexpr std::chrono::seconds kCrashGrace{2};
// For all inits together, when the engine is gone.
constexpr std::chrono::seconds kEndGrace{2};
constexpr int kNoNodeStatus = 126;

// Of a peer that is gone nothing is said here: its end is noticed elsewhere.
short poll_events_of(const Outbox& outbox) { return static_cast<short>(outbox.is_empty() ? POLLIN : POLLIN | POLLOUT); }

struct RunningNode {
  RunningNode(pid_t init_pid, OwnedFd init_pidfd, OwnedFd init_socket)
      : pid(init_pid), pidfd(std::move(init_pidfd)), socket(std::move(init_socket)), outbox(socket.get()) {}

  pid_t pid;      // ours until bury() has waited for it
  OwnedFd pidfd;  // readable when the init is dead, and so every process of the node
  OwnedFd socket;
  Outbox outbox;
  bool listening = true;
  bool up = false;
  bool failed = false;
  bool stop_asked = false;
  bool quiet = false;
  std::optional<Clock::time_point> kill_deadline;
  std::set<std::uint32_t> execs;
};

std::string how_it_ended(const siginfo_t& end, bool stop_asked) {
  if (end.si_code == CLD_EXITED) {
    if (stop_asked && end.si_status == static_cast<int>(InitExit::done)) return text_of({StopCause::stopped, {}});
    if (stop_asked && end.si_status == static_cast<int>(InitExit::crashed)) return text_of({StopCause::crashed, {}});
    if (stop_asked && end.si_status == static_cast<int>(InitExit::grace_over)) {
      return "stopped; what ignored SIGTERM was killed";
    }
    return "exited with status " + std::to_string(end.si_status);
  }
  return "killed by signal " + std::to_string(end.si_status);
}

class SpawnerProcess {
 public:
  SpawnerProcess(int socket, const rlimit& files_limit)
      : socket_(socket), to_engine_(socket), files_limit_(files_limit) {}
  // Without root rights nodes live in a user namespace; if there can be none, every start fails and says why.
  void prepare_for_user();
  [[noreturn]] void serve();

 private:
  void from_engine(Message request);
  void start(const Message& request);
  void forward(RunningNode& node, Message request);
  void refuse(const Message& request);
  void from_node(NodeId id, RunningNode& node);
  void relay(NodeId id, RunningNode& node, Message answer);
  void bury(NodeId id, RunningNode& node);
  void tell(MessageKind kind, NodeId node, std::uint32_t id, std::int32_t status, std::string body);
  int kill_late_nodes();
  void poll_once();
  [[noreturn]] void end_everything();

  int socket_;
  Outbox to_engine_;
  rlimit files_limit_;
  std::unique_ptr<roots::Root> root_ = std::make_unique<roots::HostRoot>();  // of every node
  std::string cannot_start_;
  std::map<NodeId, RunningNode> nodes_;
};

void SpawnerProcess::tell(MessageKind kind, NodeId node, std::uint32_t id, std::int32_t status, std::string body) {
  to_engine_.push(Message{kind, node, id, status, std::move(body), {}});
}

void SpawnerProcess::prepare_for_user() {
  try {
    roots::HostSurvey survey = roots::survey_host();
    IdMapping mapping = enter_user_namespace();
    root_ = std::make_unique<roots::UserHostRoot>(std::move(survey), std::move(mapping));
  } catch (const std::exception& error) {
    cannot_start_ = error.what();
  }
}

// Only the pid namespace is made here, which is quick; the costly ones are the init's work, so that many start
// together.
void SpawnerProcess::start(const Message& request) {
  if (nodes_.contains(request.node)) {
    return tell(MessageKind::failed, request.node, 0, 0, "start the node: it is running already");
  }
  if (!cannot_start_.empty()) return tell(MessageKind::failed, request.node, 0, 0, cannot_start_);
  std::array<int, 2> ends{};
  checked("make a socket pair", ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()));
  OwnedFd ours(ends[0]);
  OwnedFd theirs(ends[1]);
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_NEWPID | CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  const auto pid =
      static_cast<pid_t>(checked("make a pid namespace", ::syscall(SYS_clone3, &arguments, sizeof arguments)));
  if (pid == 0) {
    // Other nodes' sockets must not live on in here: an init learns of the spawner's death from its socket's end.
    constexpr int kInitSocket = 3;
    ::dup2(theirs.release(), kInitSocket);
    ::close_range(kInitSocket + 1, ~0U, 0);
    run_node_init(kInitSocket, request.body, files_limit_, *root_);
  }
  nodes_.try_emplace(request.node, pid, OwnedFd(pidfd), std::move(ours));
}

// Answers a request for a node that is not there.
void SpawnerProcess::refuse(const Message& request) {
  if (request.kind == MessageKind::exec) {
    if (request.fds.size() == 2) ::dprintf(request.fds[1].get(), "labreel: the node is not running\n");
    tell(MessageKind::exec_ended, request.node, request.id, kNoNodeStatus, {});
  } else if (request.kind == MessageKind::console) {
    tell(MessageKind::exec_ended, request.node, request.id, kNoNodeStatus, {});
  } else if (request.kind == MessageKind::add_port) {
    tell(MessageKind::port_changed, request.node, request.id, 0, "the node is not running");
  }
}

void SpawnerProcess::forward(RunningNode& node, Message request) {
  if (request.kind == MessageKind::exec || request.kind == MessageKind::console) node.execs.insert(request.id);
  if (request.kind == MessageKind::stop && !node.stop_asked) {
    node.stop_asked = true;
    node.kill_deadline = Clock::now() + kInitGrace;
  }
  if (request.kind == MessageKind::crash) {
    node.stop_asked = true;
    node.kill_deadline = Clock::now() + kCrashGrace;
  }
  node.outbox.push(std::move(request));
}

void SpawnerProcess::from_engine(Message request) {
  if (request.kind == MessageKind::start) {
    try {
      start(request);
    } catch (const std::system_error& error) {
      tell(MessageKind::failed, request.node, 0, 0, error.what());
    }
    return;
  }
  const auto found = nodes_.find(request.node);
  if (found == nodes_.end()) return refuse(request);
  forward(found->second, std::move(request));
}

// A node's root may do to its init what it likes, so an answer is passed on only if it can be one of this node's.
void SpawnerProcess::relay(NodeId id, RunningNode& node, Message answer) {
  answer.node = id;
  switch (answer.kind) {
    case MessageKind::up:
      if (node.up || node.failed) return;
      node.up = true;
      break;
    case MessageKind::failed:
      if (node.up || node.failed) return;
      node.failed = true;
      break;
    case MessageKind::exec_ended:
      if (node.execs.erase(answer.id) == 0) return;
      break;
    case MessageKind::port_ready:
      if (node.up || node.failed) return;
      break;
    case MessageKind::port_changed:
    case MessageKind::paused:
      break;
    case MessageKind::quiet:
      if (!node.stop_asked || node.quiet) return;
      node.quiet = true;
      break;
    case MessageKind::console_opened:
      if (!node.execs.contains(answer.id)) return;
      break;
    default:
      return;
  }
  to_engine_.push(std::move(answer));
}

void SpawnerProcess::from_node(NodeId id, RunningNode& node) {
  for (;;) {
    Message answer;
    switch (receive_message(node.socket.get(), answer)) {
      case Arrived::message:
        relay(id, node, std::move(answer));
        break;
      case Arrived::nothing:
        return;
      case Arrived::malformed:
        ::kill(node.pid, SIGKILL);
        [[fallthrough]];
      case Arrived::closed:
        node.listening = false;
        return;
    }
  }
}

// The last words of a node first, then the ends of its execs, then its own.
void SpawnerProcess::bury(NodeId id, RunningNode& node) {
  if (node.listening) from_node(id, node);
  siginfo_t end{};
  const auto waited = retried([&] { return ::waitid(P_PID, static_cast<id_t>(node.pid), &end, WEXITED); });
  const std::string why = waited == 0 ? how_it_ended(end, node.stop_asked) : "gone";
  for (const std::uint32_t exec : node.execs) tell(MessageKind::exec_ended, id, exec, 128 + SIGKILL, {});
  if (node.up) {
    tell(MessageKind::down, id, 0, node.stop_asked ? 1 : 0, why);
  } else if (!node.failed) {
    tell(MessageKind::failed, id, 0, 0, "start the node: its first process was " + why);
  }
}

// Returns how long to wait for the next deadline.
int SpawnerProcess::kill_late_nodes() {
  const auto now = Clock::now();
  std::optional<Clock::time_point> next;
  for (auto& [id, node] : nodes_) {
    if (!node.kill_deadline) continue;
    if (*node.kill_deadline <= now) {
      ::kill(node.pid, SIGKILL);
      node.kill_deadline.reset();
    } else if (!next || *node.kill_deadline < *next) {
      next = node.kill_deadline;
    }
  }
  return next ? static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*next - now).count()) : -1;
}

void SpawnerProcess::poll_once() {
  const int wait_ms = kill_late_nodes();
  std::vector<pollfd> waits{{socket_, poll_events_of(to_engine_), 0}};
  for (const auto& [id, node] : nodes_) {
    waits.push_back({node.pidfd.get(), POLLIN, 0});
    waits.push_back({node.listening ? node.socket.get() : -1, poll_events_of(node.outbox), 0});
  }
  ::poll(waits.data(), waits.size(), wait_ms);
  std::size_t at = 1;
  for (auto node = nodes_.begin(); node != nodes_.end(); at += 2) {
    if ((waits[at + 1].revents & POLLOUT) != 0) node->second.outbox.flush();
    if ((waits[at + 1].revents & ~POLLOUT) != 0) from_node(node->first, node->second);
    if (waits[at].revents != 0) {
      bury(node->first, node->second);
      node = nodes_.erase(node);
    } else {
      ++node;
    }
  }
  if ((waits[0].revents & POLLOUT) != 0) to_engine_.flush();
  if ((waits[0].revents & ~POLLOUT) == 0) return;
  // Several at a time: looking at all nodes for each would take the square of their number.
  constexpr int kRequestsATurn = 64;
  for (int i = 0; i < kRequestsATurn; ++i) {
    Message request;
    switch (receive_message(socket_, request)) {
      case Arrived::message:
        from_engine(std::move(request));
        break;
      case Arrived::nothing:
        return;
      case Arrived::closed:
      case Arrived::malformed:
        end_everything();
    }
  }
}

// An init whose socket closes kills its processes and takes its interfaces down; all inits do so at the same time. One
// that does not is killed.
void SpawnerProcess::end_everything() {
  for (auto& [id, node] : nodes_) node.socket.reset();
  const auto deadline = Clock::now() + kEndGrace;
  for (auto& [id, node] : nodes_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd wait{node.pidfd.get(), POLLIN, 0};
    if (::poll(&wait, 1, std::max(0, static_cast<int>(left.count()))) > 0) continue;
    for (const auto& [other_id, other] : nodes_) ::kill(other.pid, SIGKILL);  // nobody has waited for them yet: they are ours
    break;
  }
  for (auto& [id, node] : nodes_) {
    siginfo_t end{};
    retried([&, pid = node.pid] { return ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED); });
  }
  ::_exit(0);
}

void SpawnerProcess::serve() {
  for (;;) {
    try {
      poll_once();
    } catch (const std::exception& error) {
      // Out of memory or descriptors: the engine sees the spawner's end.
      ::dprintf(2, "labreel: spawner: %s\n", error.what());
      end_everything();
    }
  }
}

}  // namespace

void run_spawner_process(int socket, pid_t engine, const rlimit& files_limit) {
  // Away from the terminal's process group: Ctrl-C is the engine's to decide about.
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
  ::prctl(PR_SET_NAME, "labreel-spawner");
  constexpr int kSpawnerSocket = 3;
  ::dup2(socket, kSpawnerSocket);
  ::close_range(kSpawnerSocket + 1, ~0U, 0);
  ::fcntl(kSpawnerSocket, F_SETFD, FD_CLOEXEC);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, 0);
  ::dup2(null, 1);
  if (null > kSpawnerSocket) ::close(null);
  SpawnerProcess process(kSpawnerSocket, files_limit);
  // A new user namespace takes the death signal back, so that comes after it.
  if (::geteuid() != 0) process.prepare_for_user();
  // Should the engine die while some process of its still holds our socket open, this ends us, and us the nodes.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != engine) ::_exit(0);
  process.serve();
}

}  // namespace labreel
