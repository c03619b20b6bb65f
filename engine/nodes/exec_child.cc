#include "engine/nodes/exec_child.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr int kNotFound = 127;
constexpr int kNotRunnable = 126;

struct Standard {
  int in = -1;  // -1: /dev/null
  int out = -1;
  int error = -1;
  bool is_terminal = false;
};

[[noreturn]] void become(const std::vector<std::string>& argv, const Standard& standard, const std::string& host_name,
                         const rlimit& files_limit) {
  ::setsid();
  const int in = standard.in >= 0 ? standard.in : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (in < 0 || ::dup2(in, 0) < 0 || ::dup2(standard.out, 1) < 0 || ::dup2(standard.error, 2) < 0) {
    ::_exit(kNotRunnable);
  }
  if (standard.is_terminal) ::ioctl(0, TIOCSCTTY, 0);
  ::close_range(3, ~0U, 0);
  ::setrlimit(RLIMIT_NOFILE, &files_limit);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  ::clearenv();
  ::setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  ::setenv("HOME", "/root", 1);
  ::setenv("USER", "root", 1);
  ::setenv("SHELL", "/bin/sh", 1);
  ::setenv("TERM", standard.is_terminal ? "xterm-256color" : "linux", 1);
  ::setenv("LANG", "C.UTF-8", 1);
  ::setenv("HOSTNAME", host_name.c_str(), 1);

  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (!argv.empty()) ::execvp(words[0], words.data());
  const int error = argv.empty() ? EINVAL : errno;
  ::dprintf(2, "labreel: %s: %s\n", argv.empty() ? "empty command" : words[0], std::strerror(error));
  ::_exit(error == ENOENT ? kNotFound : kNotRunnable);
}

// The session's number is the fourth field after the name, which is in brackets and may hold anything.
bool is_in_session(const char* pid, pid_t session) {
  const std::string path = std::string("/proc/") + pid + "/stat";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return false;
  std::string text(1024, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  char state = 0;
  int parent = 0, group = 0, found = 0;
  if (std::sscanf(text.c_str() + name_end + 1, " %c %d %d %d", &state, &parent, &group, &found) != 4) return false;
  return found == session;
}

}  // namespace

pid_t start_exec(const std::vector<std::string>& argv, int stdout_fd, int stderr_fd, const std::string& host_name,
                 const rlimit& files_limit) {
  const pid_t pid = checked("fork", ::fork());
  if (pid == 0) become(argv, {-1, stdout_fd, stderr_fd, false}, host_name, files_limit);
  return pid;
}

pid_t start_on_terminal(const std::vector<std::string>& argv, int terminal, const std::string& host_name,
                        const rlimit& files_limit) {
  const pid_t pid = checked("fork", ::fork());
  if (pid == 0) become(argv, {terminal, terminal, terminal, true}, host_name, files_limit);
  return pid;
}

void kill_session(pid_t leader) {
  // The group first, in case the new process is not a leader yet.
  ::kill(leader, SIGKILL);
  ::kill(-leader, SIGKILL);
  DIR* processes = ::opendir("/proc");
  if (processes == nullptr) return;
  while (const dirent* entry = ::readdir(processes)) {
    const std::string_view name = entry->d_name;
    if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
    if (is_in_session(entry->d_name, leader)) ::kill(static_cast<pid_t>(std::atoi(entry->d_name)), SIGKILL);
  }
  ::closedir(processes);
}

}  // namespace labreel
