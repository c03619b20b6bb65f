#include "engine/nodes/uml/guest/agent.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <vector>

#include "engine/core/event.h"
#include "engine/nodes/exec_child.h"
#include "engine/nodes/terminal.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::size_t kChunk_bytes = 16'384;
constexpr rlim_t kOpenFiles = 1024;
constexpr rlim_t kOpenFilesMax = 4096;
// In virtual time a program that prints for ever would print for ever at one moment: each chunk takes a little.
constexpr timespec kChunkTime{0, 50'000};
constexpr int kGrace_ms = 2'000;

OwnedFd make_pipe(OwnedFd& write_end) {
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK));
  write_end = OwnedFd(ends[1]);
  ::fcntl(ends[1], F_SETFL, 0);  // programs expect to wait
  return OwnedFd(ends[0]);
}

std::vector<std::string> words_of(const std::string& body) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < body.size();) {
    const auto end = std::min(body.find('\0', at), body.size());
    words.push_back(body.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

AgentMessage output_of(std::uint32_t id, Stream stream) {
  return {AgentMessageKind::printed, id, static_cast<std::int32_t>(stream), {}};
}

}  // namespace

Agent::Agent(OwnedFd serial, std::string host_name) : serial_(std::move(serial)), host_name_(std::move(host_name)) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  deaths_ = OwnedFd(checked("signalfd", ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK)));
}

void Agent::tell(const AgentMessage& message) {
  const std::string bytes = encode(message);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto wrote = retried([&] { return ::write(serial_.get(), bytes.data() + done, bytes.size() - done); });
    done += static_cast<std::size_t>(checked("write to the serial port", wrote));
  }
}

void Agent::read_serial() {
  std::array<char, 4096> buffer;
  const auto got = retried([&] { return ::read(serial_.get(), buffer.data(), buffer.size()); });
  while (got == 0) ::pause();  // the kernel is switching off: wait for that, rather than ask again for ever
  reader_.feed({buffer.data(), static_cast<std::size_t>(checked("read from the serial port", got))});
}

AgentMessage Agent::wait_for_message() {
  for (;;) {
    auto message = reader_.next();
    if (!message) throw std::system_error(EPROTO, std::generic_category(), message.error().what);
    if (*message) return std::move(**message);
    read_serial();
  }
}

void Agent::serve() {
  if (!handle_messages()) return end_all();  // some may have come with the last one
  for (;;) {
    std::vector<pollfd> fds{{serial_.get(), POLLIN, 0}, {deaths_.get(), POLLIN, 0}};
    for (const auto& [id, exec] : execs_) {
      fds.push_back({exec.stdout_fd.get(), POLLIN, 0});  // a closed one is -1, which poll passes over
      fds.push_back({exec.stderr_fd.get(), POLLIN, 0});
    }
    for (const auto& [id, console] : consoles_) {
      const int wanted = console.waiting.empty() ? POLLIN : POLLIN | POLLOUT;
      fds.push_back({console.keyboard.get(), static_cast<short>(wanted), 0});
    }
    checked("poll", retried([&] { return ::poll(fds.data(), fds.size(), -1); }));
    std::size_t at = 2;
    for (auto& [id, exec] : execs_) {
      if (fds[at++].revents != 0) forward(output_of(id, Stream::stdout_stream), exec.stdout_fd);
      if (fds[at++].revents != 0) forward(output_of(id, Stream::stderr_stream), exec.stderr_fd);
    }
    for (auto& [id, console] : consoles_) {
      const short happened = fds[at++].revents;
      if ((happened & POLLOUT) != 0) flush(console);
      if ((happened & ~POLLOUT) != 0) forward({AgentMessageKind::shown, id, 0, {}}, console.keyboard);
    }
    if (fds[1].revents != 0) bury();
    if (fds[0].revents != 0) {
      read_serial();
      if (!handle_messages()) return end_all();
    }
  }
}

// Returns false if the machine is to stop.
bool Agent::handle_messages() {
  for (;;) {
    auto message = reader_.next();
    if (!message) throw std::system_error(EPROTO, std::generic_category(), message.error().what);
    if (!*message) return true;
    if ((*message)->kind == AgentMessageKind::stop) return false;
    handle(**message);
  }
}

void Agent::handle(const AgentMessage& message) {
  const auto console = consoles_.find(message.id);
  switch (message.kind) {
    case AgentMessageKind::exec:
      return start(message);
    case AgentMessageKind::kill:
      return kill(message.id);
    case AgentMessageKind::console:
      return open_console(message);
    case AgentMessageKind::typed:
      if (console == consoles_.end()) return;
      console->second.waiting += message.body;
      return flush(console->second);
    case AgentMessageKind::resize:
      if (console == consoles_.end() || !console->second.keyboard.is_open()) return;
      resize_terminal(console->second.keyboard.get(), rows_of(message.detail), columns_of(message.detail));
      return;
    default:
      return;
  }
}

void Agent::start(const AgentMessage& message) {
  OwnedFd stdout_write, stderr_write;
  Exec exec;
  exec.stdout_fd = make_pipe(stdout_write);
  exec.stderr_fd = make_pipe(stderr_write);
  exec.leader = start_exec(words_of(message.body), stdout_write.get(), stderr_write.get(), host_name_,
                           {kOpenFiles, kOpenFilesMax});
  execs_[message.id] = std::move(exec);
}

void Agent::open_console(const AgentMessage& message) {
  Terminal terminal = open_terminal(rows_of(message.detail), columns_of(message.detail));
  Console console;
  console.leader =
      start_on_terminal(words_of(message.body), terminal.program.get(), host_name_, {kOpenFiles, kOpenFilesMax});
  console.keyboard = std::move(terminal.keyboard);
  consoles_[message.id] = std::move(console);
}

// A terminal takes some 4,000 bytes until its program reads; the rest waits until poll says that there is room.
void Agent::flush(Console& console) {
  while (console.keyboard.is_open() && !console.waiting.empty()) {
    const auto wrote = ::write(console.keyboard.get(), console.waiting.data(), console.waiting.size());
    if (wrote <= 0) return;
    console.waiting.erase(0, static_cast<std::size_t>(wrote));
  }
}

void Agent::kill(std::uint32_t id) {
  if (const auto exec = execs_.find(id); exec != execs_.end()) kill_session(exec->second.leader);
  if (const auto console = consoles_.find(id); console != consoles_.end()) kill_session(console->second.leader);
}

// Sends one chunk on, as a message that begins like `head`; false if there is none now, or ever.
bool Agent::forward(AgentMessage head, OwnedFd& fd) {
  if (!fd.is_open()) return false;
  head.body.resize(kChunk_bytes);
  const auto got = ::read(fd.get(), head.body.data(), head.body.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    fd.reset();
    return false;
  }
  head.body.resize(static_cast<std::size_t>(got));
  tell(head);
  ::nanosleep(&kChunkTime, nullptr);
  return true;
}

// All that a command itself wrote is there by its end; a daemon that it left behind may write on for ever.
void Agent::forward_rest(const AgentMessage& head, OwnedFd& fd) {
  constexpr int kChunksAtMost = 64;
  for (int i = 0; i < kChunksAtMost && forward(head, fd); ++i) {
  }
}

void Agent::bury() {
  signalfd_siginfo news;
  while (::read(deaths_.get(), &news, sizeof news) == static_cast<ssize_t>(sizeof news)) {
  }
  int status = 0;
  for (pid_t dead = ::waitpid(-1, &status, WNOHANG); dead > 0; dead = ::waitpid(-1, &status, WNOHANG)) {
    bury(dead, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

void Agent::bury(pid_t dead, std::int32_t status) {
  const auto led = [dead](const auto& entry) { return entry.second.leader == dead; };
  if (const auto exec = std::find_if(execs_.begin(), execs_.end(), led); exec != execs_.end()) {
    forward_rest(output_of(exec->first, Stream::stdout_stream), exec->second.stdout_fd);
    forward_rest(output_of(exec->first, Stream::stderr_stream), exec->second.stderr_fd);
    tell({AgentMessageKind::ended, exec->first, status, {}});
    execs_.erase(exec);
  }
  if (const auto console = std::find_if(consoles_.begin(), consoles_.end(), led); console != consoles_.end()) {
    forward_rest({AgentMessageKind::shown, console->first, 0, {}}, console->second.keyboard);
    tell({AgentMessageKind::ended, console->first, status, {}});
    consoles_.erase(console);
  }
}

void Agent::end_all() {
  ::kill(-1, SIGTERM);
  for (int waited_ms = 0; waited_ms < kGrace_ms; waited_ms += 10) {
    bury();
    if (::waitpid(-1, nullptr, WNOHANG) < 0) return;  // nobody is left
    constexpr timespec kTick{0, 10'000'000};
    ::nanosleep(&kTick, nullptr);
  }
  ::kill(-1, SIGKILL);
}

}  // namespace labreel
