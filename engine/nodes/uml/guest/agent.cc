#include "engine/nodes/uml/guest/agent.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <vector>

#include "engine/core/event.h"
#include "engine/nodes/exec_child.h"
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
    checked("poll", retried([&] { return ::poll(fds.data(), fds.size(), -1); }));
    std::size_t at = 2;
    for (auto& [id, exec] : execs_) {
      if (fds[at].revents != 0) forward(id, exec.stdout_fd, static_cast<std::int32_t>(Stream::stdout_stream));
      if (fds[at + 1].revents != 0) forward(id, exec.stderr_fd, static_cast<std::int32_t>(Stream::stderr_stream));
      at += 2;
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
    switch ((*message)->kind) {
      case AgentMessageKind::exec:
        start(**message);
        break;
      case AgentMessageKind::kill: {
        const auto found = execs_.find((*message)->id);
        if (found != execs_.end()) kill_session(found->second.leader);
        break;
      }
      case AgentMessageKind::stop:
        return false;
      default:
        break;
    }
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

// Sends one chunk on; false if there is none now, or ever.
bool Agent::forward(std::uint32_t id, OwnedFd& fd, std::int32_t stream) {
  if (!fd.is_open()) return false;
  std::string chunk(kChunk_bytes, '\0');
  const auto got = ::read(fd.get(), chunk.data(), chunk.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    fd.reset();
    return false;
  }
  chunk.resize(static_cast<std::size_t>(got));
  tell({AgentMessageKind::printed, id, stream, std::move(chunk)});
  ::nanosleep(&kChunkTime, nullptr);
  return true;
}

void Agent::bury() {
  signalfd_siginfo news;
  while (::read(deaths_.get(), &news, sizeof news) == static_cast<ssize_t>(sizeof news)) {
  }
  int status = 0;
  for (pid_t dead = ::waitpid(-1, &status, WNOHANG); dead > 0; dead = ::waitpid(-1, &status, WNOHANG)) {
    for (auto& [id, exec] : execs_) {
      if (exec.leader != dead) continue;
      finish(id, exec, status);
      execs_.erase(id);
      break;
    }
  }
}

// All that the command itself wrote is in the pipes by now; a daemon that it left behind may hold them open for ever.
void Agent::finish(std::uint32_t id, Exec& exec, int wait_status) {
  constexpr int kChunksAtMost = 64;
  for (int i = 0; i < kChunksAtMost && forward(id, exec.stdout_fd, static_cast<std::int32_t>(Stream::stdout_stream));
       ++i) {
  }
  for (int i = 0; i < kChunksAtMost && forward(id, exec.stderr_fd, static_cast<std::int32_t>(Stream::stderr_stream));
       ++i) {
  }
  const int status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  tell({AgentMessageKind::ended, id, status, {}});
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
