#include "engine/nodes/namespace_driver.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "engine/nodes/terminal.h"
#include "engine/transports/node_port.h"

namespace labreel {
namespace {

constexpr std::size_t kReadBytes = 65'536;

}  // namespace

NamespaceDriver::NamespaceDriver(Spawner& spawner, RealTimeLoop& loop) : spawner_(spawner), loop_(loop) {
  loop_.watch(spawner_.fd(), [this] { take_events(); });
}

NamespaceDriver::~NamespaceDriver() {
  loop_.unwatch(spawner_.fd());
  for (auto& [id, streams] : execs_) {
    close_stream(streams.stdout_fd);
    close_stream(streams.stderr_fd);
  }
  for (auto& [id, console] : consoles_) close_stream(console.terminal);
  for (const auto& [node, machine] : machines_) {
    for (const PortId port : machine.ports) loop_.detach(port);
  }
}

// Not all that there are: frames and signals have their turn between them.
void NamespaceDriver::take_events() {
  constexpr int kEventsATurn = 64;
  for (int i = 0; i < kEventsATurn; ++i) {
    auto event = spawner_.receive();
    if (!event) return;
    std::visit([this](auto& what) { handle(what); }, *event);
  }
}

// A spawner that is busy takes what it was asked a little later.
void NamespaceDriver::send_soon() {
  constexpr std::uint64_t kRetryNs = 2'000'000;
  if (sends_soon_ || spawner_.send_waiting()) return;
  sends_soon_ = true;
  loop_.call_at(LabTime{loop_.now().ns + kRetryNs}, [this] {
    sends_soon_ = false;
    send_soon();
  });
}

void NamespaceDriver::start(const NodeSpec& spec) {
  to_start_.push_back(spec);
  start_next();
}

void NamespaceDriver::start_next() {
  while (!to_start_.empty() && starting_.size() < kStartingMax) {
    const NodeSpec spec = std::move(to_start_.front());
    to_start_.pop_front();
    starting_.insert(spec.node);
    spawner_.start(spec);
  }
  send_soon();
}

// A node that still waits for its turn is gone at once, but told of later, as every answer is.
void NamespaceDriver::stop(NodeId node) {
  const auto waiting =
      std::find_if(to_start_.begin(), to_start_.end(), [&](const NodeSpec& spec) { return spec.node == node; });
  if (waiting != to_start_.end()) {
    to_start_.erase(waiting);
    loop_.call_at(loop_.now(), [this, node] { listener_->node_is_down(node, true, "stopped before it was started"); });
    return;
  }
  spawner_.stop(node);
  send_soon();
}

void NamespaceDriver::crash(NodeId node) {
  spawner_.crash(node);
  send_soon();
}

void NamespaceDriver::pause(NodeId node) {
  spawner_.pause(node);
  send_soon();
}

void NamespaceDriver::resume(NodeId node) {
  spawner_.resume(node);
  send_soon();
}

void NamespaceDriver::add_port(NodeId node, const InterfaceSpec& interface) {
  spawner_.add_port(node, interface);
  send_soon();
}

void NamespaceDriver::attach(Machine& machine, PortId port, OwnedFd fd) {
  machine.ports.push_back(port);
  loop_.attach(port, make_node_port(std::move(fd), machine.counters));
}

void NamespaceDriver::handle(NodeUp& up) {
  starting_.erase(up.node);
  Machine& machine = machines_[up.node];
  if (up.counters.is_open()) machine.counters = std::make_shared<RouteSocket>(std::move(up.counters));
  listener_->node_is_up(up.node);
  for (auto& [port, fd] : up.ports) attach(machine, port, std::move(fd));
  start_next();
}

void NamespaceDriver::handle(const NodeFailed& failure) {
  starting_.erase(failure.node);
  listener_->node_failed(failure.node, failure.error);
  start_next();
}

void NamespaceDriver::handle(const NodeQuiet& quiet) {
  if (const auto found = machines_.find(quiet.node); found != machines_.end()) {
    for (const PortId port : found->second.ports) loop_.take_last(port);
  }
  spawner_.leave(quiet.node);
  send_soon();
}

// One whose init was killed has said nothing before, and its ports are still there.
void NamespaceDriver::handle(const NodeDown& down) {
  const auto found = machines_.find(down.node);
  if (found != machines_.end()) {
    for (const PortId port : found->second.ports) {
      loop_.take_last(port);
      loop_.detach(port);
    }
    machines_.erase(found);
  }
  listener_->node_is_down(down.node, down.asked, down.why);
}

void NamespaceDriver::handle(PortChanged& change) {
  const auto found = machines_.find(change.node);
  if (found != machines_.end() && change.fd.is_open()) attach(found->second, change.port, std::move(change.fd));
  listener_->port_changed(change.node, change.port, change.error);
}

void NamespaceDriver::remove_port(NodeId node, PortId port) {
  loop_.take_last(port);
  loop_.detach(port);
  std::erase(machines_[node].ports, port);
  spawner_.remove_port(node, port);
  send_soon();
}

void NamespaceDriver::exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) {
  ExecStreams streams = spawner_.exec(exec, node, argv);
  loop_.watch(streams.stdout_fd.get(), [this, exec] { read_some(exec, Stream::stdout_stream); });
  loop_.watch(streams.stderr_fd.get(), [this, exec] { read_some(exec, Stream::stderr_stream); });
  execs_.emplace(exec, std::move(streams));
  send_soon();
}

void NamespaceDriver::kill_exec(ExecId exec) {
  if (!execs_.contains(exec) && !consoles_.contains(exec)) return;
  spawner_.kill_exec(exec);
  send_soon();
}

bool NamespaceDriver::console(ExecId console, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
                              std::uint16_t columns) {
  spawner_.console(console, node, argv, rows, columns);
  consoles_.emplace(console, Console{});
  send_soon();
  return true;
}

void NamespaceDriver::handle(ConsoleOpened& opened) {
  const auto found = consoles_.find(opened.exec);
  if (found == consoles_.end()) return;
  found->second.terminal = std::move(opened.terminal);
  loop_.watch(found->second.terminal.get(), [this, id = opened.exec] { read_console(id); });
  flush_console(opened.exec);
}

bool NamespaceDriver::read_console(ExecId console) {
  const auto found = consoles_.find(console);
  if (found == consoles_.end() || !found->second.terminal.is_open()) return false;
  std::array<char, kReadBytes> buffer;
  const ssize_t length = ::read(found->second.terminal.get(), buffer.data(), buffer.size());
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (length <= 0) {  // EIO: nobody has the terminal open any more
    close_stream(found->second.terminal);
    return false;
  }
  listener_->console_printed(console, {buffer.data(), static_cast<std::size_t>(length)});
  return true;
}

void NamespaceDriver::write_console(ExecId console, std::string_view bytes) {
  const auto found = consoles_.find(console);
  if (found == consoles_.end()) return;
  found->second.waiting.append(bytes);
  if (!found->second.retrying) flush_console(console);
}

// A terminal takes some 4,000 bytes until its program reads; a longer paste goes on a little later.
void NamespaceDriver::flush_console(ExecId console) {
  constexpr std::uint64_t kRetryNs = 10'000'000;
  const auto found = consoles_.find(console);
  if (found == consoles_.end() || !found->second.terminal.is_open()) return;
  auto& [terminal, waiting, retrying] = found->second;
  retrying = false;
  while (!waiting.empty()) {
    const ssize_t done = ::write(terminal.get(), waiting.data(), waiting.size());
    if (done <= 0) break;
    waiting.erase(0, static_cast<std::size_t>(done));
  }
  if (waiting.empty()) return;
  retrying = true;
  loop_.call_at(LabTime{loop_.now().ns + kRetryNs}, [this, console] { flush_console(console); });
}

void NamespaceDriver::resize_console(ExecId console, std::uint16_t rows, std::uint16_t columns) {
  const auto found = consoles_.find(console);
  if (found == consoles_.end() || !found->second.terminal.is_open()) return;
  resize_terminal(found->second.terminal.get(), rows, columns);
}

// Tells of one chunk; false when there is nothing more to read now, or ever.
bool NamespaceDriver::read_some(ExecId exec, Stream stream) {
  const auto found = execs_.find(exec);
  if (found == execs_.end()) return false;
  OwnedFd& fd = stream == Stream::stdout_stream ? found->second.stdout_fd : found->second.stderr_fd;
  if (!fd.is_open()) return false;
  std::array<char, kReadBytes> buffer;
  const ssize_t length = ::read(fd.get(), buffer.data(), buffer.size());
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (length <= 0) {
    close_stream(fd);
    return false;
  }
  listener_->exec_printed(exec, stream, {buffer.data(), static_cast<std::size_t>(length)});
  return true;
}

void NamespaceDriver::close_stream(OwnedFd& fd) {
  if (!fd.is_open()) return;
  loop_.unwatch(fd.get());
  fd.reset();
}

// All that the command itself wrote is in the pipes when its end is told; a daemon that it left behind may hold them
// open for ever, so they are emptied and closed here rather than read to their end.
void NamespaceDriver::handle(const ExecEnded& end) {
  constexpr int kReadsAtMost = 64;  // a daemon that keeps writing must not keep us
  for (const Stream stream : {Stream::stdout_stream, Stream::stderr_stream}) {
    for (int i = 0; i < kReadsAtMost && read_some(end.exec, stream); ++i) {
    }
  }
  if (const auto console = consoles_.find(end.exec); console != consoles_.end()) {
    for (int i = 0; i < kReadsAtMost && read_console(end.exec); ++i) {
    }
    close_stream(console->second.terminal);
    consoles_.erase(console);
    return listener_->exec_ended(end.exec, end.status);
  }
  const auto found = execs_.find(end.exec);
  if (found == execs_.end()) return;
  close_stream(found->second.stdout_fd);
  close_stream(found->second.stderr_fd);
  execs_.erase(found);
  listener_->exec_ended(end.exec, end.status);
}

}  // namespace labreel
