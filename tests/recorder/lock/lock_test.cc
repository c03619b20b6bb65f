// The reader's lock: what a locked process can no longer do, by which half of the lock, and what it still can.
#include "recorder/lock/reader_lock.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "engine/os/owned_fd.h"
#include "recorder/lock/call_filter.h"
#include "tests/temp_folder.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

class Folder : public TempFolder {
 public:
  Folder() {
    write("canary", "precious");
    write("other", "another");
  }

  // Nothing was removed, renamed, changed or added.
  bool untouched() const {
    std::string text;
    std::ifstream(*this / "canary") >> text;
    return names().size() == 2 && text == "precious";
  }
};

constexpr int kDone = 100;  // the exit code of a child that could do it; below: the errno
constexpr int kNoLock = 101;

struct Ending {
  int code = -1;
  int signal = 0;
  std::string said;
};

// In a child with the lock: `act` returns what a system call returns.
Ending locked(LockParts parts, const std::function<long()>& act) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  OwnedFd from{ends[0]};
  OwnedFd to{ends[1]};
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(to.get(), STDERR_FILENO);
    const LockReport report = lock_reader(parts);
    const bool landlock = parts == LockParts::call_filter || report.landlock_abi > 0;
    const bool filter = parts == LockParts::landlock || report.call_filter;
    if (!landlock || !filter) ::_exit(kNoLock);
    errno = 0;
    ::_exit(act() >= 0 ? kDone : errno);
  }
  to.reset();
  Ending ending;
  char part[512];
  for (ssize_t got = 0; (got = ::read(from.get(), part, sizeof part)) > 0;) ending.said.append(part, static_cast<std::size_t>(got));
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) ending.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  return ending;
}

struct Attempt {
  std::string name;
  std::function<long()> act;
  bool by_landlock = true;  // Landlock alone forbids it, too
};

std::vector<Attempt> attempts_in(const Folder& folder) {
  const std::string canary = folder / "canary";
  const std::string other = folder / "other";
  const std::string fresh = folder / "fresh";
  return {
      {"unlink", [=] { return ::unlink(canary.c_str()); }},
      {"unlinkat", [=] { return ::unlinkat(AT_FDCWD, canary.c_str(), 0); }},
      {"rename", [=] { return ::rename(other.c_str(), canary.c_str()); }},
      {"renameat2", [=] { return ::syscall(SYS_renameat2, AT_FDCWD, other.c_str(), AT_FDCWD, fresh.c_str(), 0); }},
      {"link", [=] { return ::link(canary.c_str(), fresh.c_str()); }},
      {"symlink", [=] { return ::symlink(canary.c_str(), fresh.c_str()); }},
      {"mkdir", [=] { return ::mkdir(fresh.c_str(), 0700); }},
      {"mknod", [=] { return ::mknod(fresh.c_str(), S_IFIFO | 0600, 0); }},
      {"creat", [=] { return ::creat(fresh.c_str(), 0600); }},
      {"open O_WRONLY", [=] { return ::open(canary.c_str(), O_WRONLY); }},
      {"open O_RDWR", [=] { return ::open(canary.c_str(), O_RDWR); }},
      {"open access mode 3", [=] { return ::open(canary.c_str(), O_ACCMODE); }, false},
      {"open O_CREAT", [=] { return ::open(fresh.c_str(), O_RDONLY | O_CREAT, 0600); }},
      {"openat O_CREAT", [=] { return ::syscall(SYS_openat, AT_FDCWD, fresh.c_str(), O_WRONLY | O_CREAT, 0600); }},
      {"the old open", [=] { return ::syscall(SYS_open, fresh.c_str(), O_WRONLY | O_CREAT, 0600); }},
      {"openat2", [=] {
         struct { std::uint64_t flags, mode, resolve; } how{O_WRONLY, 0, 0};
         return ::syscall(SYS_openat2, AT_FDCWD, canary.c_str(), &how, sizeof how);
       }},
      {"execve", [] {
         char name[] = "/bin/true";
         char* const argv[] = {name, nullptr};
         return ::execv(name, argv);
       }},
      {"truncate", [=] { return ::truncate(canary.c_str(), 1); }, false},  // from Landlock's version 3 on
      {"open O_TRUNC", [=] { return ::open(canary.c_str(), O_RDONLY | O_TRUNC); }, false},
      {"chmod", [=] { return ::chmod(canary.c_str(), 0777); }, false},
      {"chown", [=] { return ::chown(canary.c_str(), 1, 1); }, false},
      {"utimensat", [=] { return ::utimensat(AT_FDCWD, canary.c_str(), nullptr, 0); }, false},
      {"connect", [] {
         sockaddr_un address{};
         address.sun_family = AF_UNIX;
         std::strcpy(address.sun_path, "/run/nobody");
         return ::connect(0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
       }, false},
      {"socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); }, false},
      {"socketpair", [] {
         int pair[2];
         return ::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
       }, false},
      {"io_uring_setup", [] {
         char parameters[256] = {};
         return ::syscall(SYS_io_uring_setup, 4, parameters);
       }, false},
      {"ptrace", [] { return ::syscall(SYS_ptrace, 16, ::getppid(), 0, 0); }, false},
      {"process_vm_readv", [] { return ::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0); }, false},
      {"kill another", [] { return ::kill(::getppid(), 0); }, false},
      {"kill everybody", [] { return ::kill(-1, 0); }, false},
      {"fork", [] { return ::syscall(SYS_fork); }, false},
      {"clone without a thread", [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }, false},
      {"clone3", [] { return ::syscall(SYS_clone3, nullptr, 0); }, false},
      {"mount", [] { return ::syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr); }},
      {"unshare", [] { return ::syscall(SYS_unshare, 0); }, false},
      {"typing into the terminal", [] {
         char key = 'x';
         return ::ioctl(0, TIOCSTI, &key);
       }, false},
      {"a limit of another process", [] {
         struct { std::uint64_t now, most; } limit{1, 1};
         return ::syscall(SYS_prlimit64, ::getppid(), 7, &limit, nullptr);
       }, false},
      {"opening by handle", [] { return ::syscall(SYS_open_by_handle_at, AT_FDCWD, nullptr, 0); }, false},
  };
}

}  // namespace

TEST_CASE("a locked reader cannot touch a name, start a program, connect or reach another process", "[lock]") {
  const Folder folder;
  const LockParts parts = GENERATE(LockParts::both, LockParts::call_filter);
  for (const Attempt& attempt : attempts_in(folder)) {
    const Ending ending = locked(parts, attempt.act);
    INFO(attempt.name << ": exit " << ending.code << ", signal " << ending.signal << ", said " << ending.said);
    CHECK(ending.signal == 0);
    const bool ended = ending.code == kExitByLock && ending.said.find("ended by its own lock") != std::string::npos;
    const bool refused = ending.code == EPERM || ending.code == ENOSYS;
    CHECK((ended || refused));
    CHECK(folder.untouched());
  }
}

TEST_CASE("Landlock alone keeps a reader from every name that it could change or run", "[lock]") {
  const Folder folder;
  for (const Attempt& attempt : attempts_in(folder)) {
    if (!attempt.by_landlock) continue;
    const Ending ending = locked(LockParts::landlock, attempt.act);
    INFO(attempt.name << ": exit " << ending.code << ", signal " << ending.signal << ", said " << ending.said);
    CHECK((ending.code == EACCES || ending.code == EXDEV || ending.code == EPERM));
    CHECK(folder.untouched());
  }
}

TEST_CASE("the attempts of these tests succeed without a lock, so that a refusal is the lock's", "[lock]") {
  for (const char* const name : {"unlink", "rename", "link", "mkdir", "creat", "open O_WRONLY", "open O_CREAT", "truncate",
                                 "socket", "kill another", "clone without a thread"}) {
    const Folder folder;
    const pid_t child = ::fork();
    if (child == 0) {
      for (const Attempt& attempt : attempts_in(folder)) {
        if (attempt.name == name) ::_exit(attempt.act() >= 0 ? kDone : errno);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    INFO(name);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == kDone) == true);
  }
}

TEST_CASE("what is no reader's business ends it with a word that names the call", "[lock]") {
  const Folder folder;
  const std::string canary = folder / "canary";
  const Ending ending = locked(LockParts::both, [&] { return ::unlink(canary.c_str()); });
  CHECK(ending.code == kExitByLock);
  CHECK(ending.said.find("led to unlink") != std::string::npos);
}

TEST_CASE("a locked reader still reads by name, writes what is open, starts threads, sleeps and asks", "[lock]") {
  const Folder folder;
  const std::string canary = folder / "canary";
  const OwnedFd output{::open((folder / "other").c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC)};
  const Ending ending = locked(GENERATE(LockParts::both, LockParts::landlock, LockParts::call_filter), [&]() -> long {
    std::string text;
    std::ifstream(canary) >> text;
    if (text != "precious") return -1;
    if (!fs::exists(canary) || fs::file_size(canary) != 8 || fs::absolute("x").empty()) return -1;
    if (::write(output.get(), "out", 3) != 3 || ::ftruncate(output.get(), 2) != 0 || ::fsync(output.get()) != 0) return -1;
    long sum = 0;
    std::thread worker{[&] { sum = 7; }};
    worker.join();
    if (sum != 7) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
    void* const memory = std::malloc(64U << 20U);
    if (memory == nullptr) return -1;
    std::memset(memory, 1, 64U << 20U);
    std::free(memory);
    std::FILE* const null = std::fopen("/dev/null", "r");
    if (null == nullptr) return -1;
    std::fclose(null);
    if (::raise(SIGURG) != 0) return -1;
    return lock_reader().complete() || reader_is_locked() ? 0 : -1;
  });
  INFO(ending.said);
  CHECK(ending.code == kDone);
}

TEST_CASE("threads that are started after the lock have it, too", "[lock]") {
  const Folder folder;
  const std::string canary = folder / "canary";
  const LockParts parts = GENERATE(LockParts::landlock, LockParts::call_filter);
  const Ending ending = locked(parts, [&]() -> long {
    int fd = 0;
    std::thread worker{[&] { fd = ::open(canary.c_str(), O_WRONLY); }};
    worker.join();
    return fd;
  });
  CHECK(ending.code != kDone);
  CHECK(folder.untouched());
}

TEST_CASE("a reader that aborts still ends with its signal", "[lock]") {
  const Ending ending = locked(LockParts::both, []() -> long {
    std::signal(SIGABRT, SIG_DFL);  // Catch2 would tell a story
    std::abort();
  });
  CHECK(ending.signal == SIGABRT);
}

}  // namespace labreel
