#include "recorder/lock/limited_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <new>
#include <string_view>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "recorder/lock/call_filter.h"
#include "recorder/lock/reader_lock.h"

namespace labreel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kAnswer = 'A';
constexpr char kError = 'E';

// An error as bytes: its kind, and three texts that end with NUL.
std::string pack(const Error& error) {
  std::string bytes{kError};
  bytes += static_cast<char>('0' + static_cast<int>(error.kind));
  for (const std::string* const text : {&error.what, &error.place, &error.hint}) bytes += text->c_str() + std::string(1, '\0');
  return bytes;
}

Error unpack(std::string_view bytes) {
  Error error{ErrorKind::input, {}, {}, {}};
  if (bytes.empty()) return error;
  const int kind = bytes.front() - '0';
  if (kind >= 0 && kind <= static_cast<int>(ErrorKind::lab)) error.kind = static_cast<ErrorKind>(kind);
  bytes.remove_prefix(1);
  for (std::string* const text : {&error.what, &error.place, &error.hint}) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    *text = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return error;
}

std::string answer_of(const std::function<Result<std::string>()>& read) {
  try {
    const Result<std::string> result = read();
    return result ? kAnswer + *result : pack(result.error());
  } catch (const std::bad_alloc&) {
    return pack({ErrorKind::input, "reading it takes more memory than a reel needs"});
  } catch (const std::exception& failure) {
    return pack({ErrorKind::host, failure.what()});
  }
}

void limit_memory(std::uint64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they reserve terabytes
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_DATA, &limit);
#else
  static_cast<void>(bytes);
#endif
}

[[noreturn]] void be_the_child(const std::function<Result<std::string>()>& read, const ChildLimits& limits, int to, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(kExitByLock);
  limit_memory(limits.memory_bytes);
  const std::string answer = answer_of(read);
  lock_reader();
  for (std::string_view rest = answer; !rest.empty();) {
    const ssize_t written = retried([&] { return ::write(to, rest.data(), rest.size()); });
    if (written <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ::_exit(0);
}

// Reads until the child closes its end; false if that takes too long or is too much.
bool read_answer(int from, const ChildLimits& limits, std::string& answer) {
  const auto deadline = Clock::now() + limits.time;
  std::array<char, 65536> part{};
  while (answer.size() <= limits.answer_bytes) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{from, POLLIN, 0};
    const int ready = left <= 0 ? 0 : ::poll(&wait, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = retried([&] { return ::read(from, part.data(), part.size()); });
    if (got <= 0) return true;
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return false;
}

}  // namespace

Result<std::string> in_limited_child(const std::function<Result<std::string>()>& read, const ChildLimits& limits) {
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
  const OwnedFd from{ends[0]};
  OwnedFd to{ends[1]};
  const pid_t parent = ::getpid();
  const pid_t child = checked("fork", ::fork());
  if (child == 0) be_the_child(read, limits, to.get(), parent);
  to.reset();
  std::string answer;
  const bool in_time = read_answer(from.get(), limits, answer);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  retried([&] { return ::waitpid(child, &status, 0); });
  if (!in_time && answer.size() <= limits.answer_bytes) {
    return Error{ErrorKind::input, "reading it takes longer than " + std::to_string(limits.time.count() / 1000) + " s"};
  }
  if (!answer.empty() && answer.front() == kAnswer && in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return answer.substr(1);
  if (!answer.empty() && answer.front() == kError) return unpack(std::string_view{answer}.substr(1));
  return Error{ErrorKind::input, WIFSIGNALED(status) ? "reading it ended with signal " + std::to_string(WTERMSIG(status))
                                                     : "reading it was ended by the reader's lock"};
}

}  // namespace labreel
