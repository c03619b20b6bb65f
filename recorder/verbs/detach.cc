#include "recorder/verbs/detach.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "recorder/verbs/verb.h"

namespace labreel {
namespace {

constexpr char kRuns = 'r';  // what the recorder writes into the pipe: this, or an error's kind and texts
constexpr char kFailed = 'f';

bool write_whole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// What the recorder says until it runs or ends. Its children have the pipe too, so a lab that runs has no end here.
std::string read_report(int fd) {
  std::string bytes;
  std::array<char, 4096> piece{};
  while (!bytes.starts_with(kRuns)) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

std::string packed(const Error& error) {
  std::string text{kFailed, static_cast<char>('0' + static_cast<int>(error.kind))};
  for (const std::string* part : {&error.what, &error.place, &error.hint}) text += *part + '\0';
  return text;
}

Error unpacked(const std::string& text) {
  Error error;
  error.kind = static_cast<ErrorKind>(text.at(1) - '0');
  std::size_t at = 2;
  for (std::string* part : {&error.what, &error.place, &error.hint}) {
    const std::size_t end = text.find('\0', at);
    if (end == text.npos) break;
    *part = text.substr(at, end - at);
    at = end + 1;
  }
  return error;
}

void leave_terminal(const std::string& log) {
  checked("leave the session", ::setsid());
  const OwnedFd null{checked("open /dev/null", ::open("/dev/null", O_RDWR | O_CLOEXEC))};
  const OwnedFd words{
      checked("create " + log, ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600))};
  checked("keep " + log + " for its owner", ::fchmod(words.get(), 0600));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO}) checked("detach", ::dup2(null.get(), fd));
  checked("detach", ::dup2(words.get(), STDERR_FILENO));
}

// The recorder's process: its exit code.
int record_detached(const std::string& log, OwnedFd pipe,
                    const std::function<int(const std::function<void()>& runs)>& record) {
  const auto fail = [&](const Error& error) {
    print_error(error);
    if (pipe.get() >= 0) {
      write_whole(pipe.get(), packed(error));
      ::unlink(log.c_str());
    }
    return exit_code_of(error.kind);
  };
  try {
    leave_terminal(log);
    return record([&pipe] {
      const bool heard = write_whole(pipe.get(), {&kRuns, 1});
      pipe.reset();
      if (!heard) ::kill(::getpid(), SIGTERM);  // whoever started us did not want to wait
    });
  } catch (const VerbError& failure) {
    return fail(failure.error());
  } catch (const std::system_error& failure) {
    return fail(Error{ErrorKind::host, failure.what()});
  } catch (const std::bad_alloc&) {
    return fail(Error{ErrorKind::host, "out of memory"});
  }
}

}  // namespace

Result<pid_t> start_detached(const std::string& log,
                             const std::function<int(const std::function<void()>& runs)>& record) {
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
  OwnedFd from_recorder{ends[0]};
  OwnedFd to_starter{ends[1]};
  std::fflush(nullptr);
  const pid_t pid = checked("fork the recorder", ::fork());
  if (pid == 0) {
    from_recorder.reset();
    const int status = record_detached(log, std::move(to_starter), record);
    std::fflush(nullptr);
    ::_exit(status);
  }
  to_starter.reset();
  const std::string heard = read_report(from_recorder.get());
  if (!heard.empty() && heard.front() == kRuns) return pid;
  ::waitpid(pid, nullptr, 0);
  if (heard.size() > 2 && heard.front() == kFailed) return unpacked(heard);
  return Error{ErrorKind::lab, "the recorder ended before the lab ran", log, "its words are in that file"};
}

}  // namespace labreel
