#include "engine/nodes/spawner.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "engine/core/check.h"
#include "engine/nodes/message.h"
#include "engine/nodes/outbox.h"
#include "engine/nodes/spawner_process.h"
#include "engine/nodes/terminal.h"
#include "engine/os/system_call.h"

namespace labreel {

struct Spawner::State {
  OwnedFd socket;
  pid_t pid = -1;
  std::map<NodeId, std::vector<std::pair<PortId, OwnedFd>>> starting;  // ports of nodes that are not up yet
  std::map<ExecId, NodeId> execs;                                      // running ones
  Outbox outbox;

  explicit State(OwnedFd engine_end) : socket(std::move(engine_end)), outbox(socket.get()) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    socket.reset();
    if (pid > 0) retried([this] { return ::waitpid(pid, nullptr, 0); });
  }

  void request(Message message) {
    outbox.push(std::move(message));
    if (outbox.is_peer_gone()) throw std::system_error(EPIPE, std::generic_category(), "talk to the spawner");
  }
  void request(MessageKind kind, NodeId node, std::uint32_t id = 0, std::string body = {}) {
    request(Message{kind, node, id, 0, std::move(body), {}});
  }
  std::optional<SpawnerEvent> event_of(Message message);
};

namespace {

OwnedFd only_fd(Message& message) { return message.fds.empty() ? OwnedFd() : std::move(message.fds.front()); }

// Returns the limit as it was.
rlimit raise_files_limit() {
  rlimit before{};
  checked("read the limit of open files", ::getrlimit(RLIMIT_NOFILE, &before));
  rlimit raised = before;
  raised.rlim_cur = raised.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &raised);
  return before;
}

// Linux closes a dying process's descriptors from the highest down, and closing a TAP takes some 20 ms. With its socket
// above them all, the spawner hears of the engine's death first, and ends the nodes and their interfaces meanwhile.
OwnedFd move_above_ports(OwnedFd socket) {
  constexpr rlim_t place = 16'383;
  rlimit limit{};
  checked("read the limit of open files", ::getrlimit(RLIMIT_NOFILE, &limit));
  const int wanted = static_cast<int>(std::min(place, limit.rlim_cur - 1));
  const int moved = ::fcntl(socket.get(), F_DUPFD_CLOEXEC, wanted);
  return moved < 0 ? std::move(socket) : OwnedFd(moved);
}

struct Pipe {
  OwnedFd reader;  // non-blocking
  OwnedFd writer;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
  Pipe pipe{OwnedFd(ends[0]), OwnedFd(ends[1])};
  // Only our end: a command that finds its output non-blocking would lose some of it.
  checked("make a pipe non-blocking", ::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK));
  return pipe;
}

}  // namespace

// Empty for what is only a part of a later event.
std::optional<SpawnerEvent> Spawner::State::event_of(Message message) {
  switch (message.kind) {
    case MessageKind::port_ready:
      starting[message.node].emplace_back(PortId{message.id}, only_fd(message));
      return std::nullopt;
    case MessageKind::up: {
      auto ports = starting.extract(message.node);
      NodeUp up{message.node, {}, only_fd(message)};
      if (!ports.empty()) up.ports = std::move(ports.mapped());
      return up;
    }
    case MessageKind::failed:
      starting.erase(message.node);
      return NodeFailed{message.node, std::move(message.body)};
    case MessageKind::down:
      return NodeDown{message.node, message.status != 0, std::move(message.body)};
    case MessageKind::paused:
      return NodeFrozen{message.node};
    case MessageKind::quiet:
      return NodeQuiet{message.node};
    case MessageKind::exec_ended:
      execs.erase(ExecId{message.id});
      return ExecEnded{ExecId{message.id}, message.node, message.status};
    case MessageKind::port_changed:
      return PortChanged{message.node, PortId{message.id}, only_fd(message), std::move(message.body)};
    case MessageKind::console_opened:
      return ConsoleOpened{ExecId{message.id}, message.node, only_fd(message)};
    default:
      return std::nullopt;
  }
}

Spawner Spawner::fork_now() {
  const rlimit files_limit = raise_files_limit();
  std::array<int, 2> ends{};
  checked("make a socket pair", ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()));
  auto state = std::make_unique<State>(move_above_ports(OwnedFd(ends[0])));
  OwnedFd theirs(ends[1]);
  const pid_t engine = ::getpid();
  const pid_t pid = checked("fork the spawner", ::fork());
  if (pid == 0) run_spawner_process(theirs.get(), engine, files_limit);
  state->pid = pid;
  return Spawner(std::move(state));
}

Spawner::Spawner(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spawner::Spawner(Spawner&&) noexcept = default;
Spawner& Spawner::operator=(Spawner&&) noexcept = default;
Spawner::~Spawner() = default;

int Spawner::fd() const { return state_->socket.get(); }

bool Spawner::send_waiting() {
  state_->outbox.flush();
  return state_->outbox.is_empty();
}

std::optional<SpawnerEvent> Spawner::receive() {
  send_waiting();
  for (;;) {
    Message message;
    switch (receive_message(state_->socket.get(), message)) {
      case Arrived::nothing:
        return std::nullopt;
      case Arrived::closed:
        throw std::system_error(ECONNRESET, std::generic_category(), "talk to the spawner");
      case Arrived::malformed:
        // The kernel leaves descriptors out when a process may not open more.
        throw std::system_error(EMFILE, std::generic_category(), "take a port's descriptor from the spawner");
      case Arrived::message:
        if (auto event = state_->event_of(std::move(message))) return event;
    }
  }
}

void Spawner::start(const NodeSpec& spec) {
  std::string body = encode_spec(spec);
  if (body.size() > kMessageBodyMax) {
    throw std::system_error(EFBIG, std::generic_category(), "send the files of node " + spec.name);
  }
  state_->request(MessageKind::start, spec.node, 0, std::move(body));
}

void Spawner::stop(NodeId node) { state_->request(MessageKind::stop, node); }
void Spawner::crash(NodeId node) { state_->request(MessageKind::crash, node); }
void Spawner::leave(NodeId node) { state_->request(MessageKind::leave, node); }
void Spawner::pause(NodeId node) { state_->request(MessageKind::pause, node); }
void Spawner::resume(NodeId node) { state_->request(MessageKind::resume, node); }

ExecStreams Spawner::exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) {
  LABREEL_CHECK(!state_->execs.contains(exec));
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  Message request{MessageKind::exec, node, static_cast<std::uint32_t>(exec), 0, encode_words(argv), {}};
  request.fds.push_back(std::move(out.writer));
  request.fds.push_back(std::move(err.writer));
  state_->request(std::move(request));
  state_->execs.emplace(exec, node);
  return {std::move(out.reader), std::move(err.reader)};
}

void Spawner::console(ExecId exec, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
                      std::uint16_t columns) {
  LABREEL_CHECK(!state_->execs.contains(exec));
  const auto size = packed_size(rows, columns);
  state_->request(Message{MessageKind::console, node, static_cast<std::uint32_t>(exec), size, encode_words(argv), {}});
  state_->execs.emplace(exec, node);
}

void Spawner::kill_exec(ExecId exec) {
  const auto found = state_->execs.find(exec);
  if (found == state_->execs.end()) return;  // ended meanwhile
  state_->request(MessageKind::kill_exec, found->second, static_cast<std::uint32_t>(exec));
}

void Spawner::add_port(NodeId node, const InterfaceSpec& interface) {
  state_->request(MessageKind::add_port, node, index_of(interface.port), encode_interface(interface));
}

void Spawner::remove_port(NodeId node, PortId port) { state_->request(MessageKind::remove_port, node, index_of(port)); }

}  // namespace labreel
