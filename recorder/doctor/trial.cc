#include "recorder/doctor/trial.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <fstream>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<int, 3> kEndingSignals{SIGINT, SIGTERM, SIGHUP};
constexpr std::size_t kSaidMax_bytes = 100'000;
constexpr int kLook_ms = 100;

volatile sig_atomic_t g_interrupted = 0;
std::array<struct sigaction, kEndingSignals.size()> g_before;

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  DIR* const processes = ::opendir("/proc");
  if (processes == nullptr) return found;
  while (const dirent* entry = ::readdir(processes)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(stat, text);
    const std::size_t name_end = text.rfind(") ");  // a name may hold anything; then come state and parent
    if (name_end != std::string::npos && std::atoi(text.c_str() + name_end + 4) == ::getpid()) found.push_back(pid);
  }
  ::closedir(processes);
  return found;
}

// Orphans of a trial become ours, and theirs in turn.
void end_all_children() {
  for (auto left = children(); !left.empty(); left = children()) {
    for (const pid_t pid : left) ::kill(pid, SIGKILL);
    for (const pid_t pid : left) retried([&] { return ::waitpid(pid, nullptr, 0); });
  }
}

// In the child: a group of its own, so that Ctrl-C reaches us alone; and it does not outlive us.
void stand_alone(const OwnedFd& output, pid_t parent) {
  ::setpgid(0, 0);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(127);
  for (const int number : kEndingSignals) ::signal(number, SIG_DFL);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, 0);
  ::dup2(output.get(), 1);
  ::dup2(output.get(), 2);
}

Trial try_child(const std::function<void()>& become, std::chrono::seconds limit, const std::string& until) {
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
  const OwnedFd reader(ends[0]);
  OwnedFd writer(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = checked("fork", ::fork());
  if (pid == 0) {
    stand_alone(writer, parent);
    become();
    ::_exit(127);
  }
  writer.reset();
  Trial trial;
  bool said_it = false;
  const auto deadline = Clock::now() + limit;
  std::array<char, 4096> buffer;
  while (!trial.ended && !TrialGuard::interrupted() && Clock::now() < deadline) {
    pollfd wait{reader.get(), POLLIN, 0};
    if (::poll(&wait, 1, kLook_ms) <= 0) continue;
    const auto got = retried([&] { return ::read(reader.get(), buffer.data(), buffer.size()); });
    if (got > 0 && trial.said.size() < kSaidMax_bytes) trial.said.append(buffer.data(), static_cast<std::size_t>(got));
    said_it = !until.empty() && trial.said.find(until) != std::string::npos;
    trial.ended = got <= 0 || said_it;
  }
  int status = 0;
  if (!trial.ended || said_it) ::kill(pid, SIGKILL);
  retried([&] { return ::waitpid(pid, &status, 0); });
  end_all_children();
  trial.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  if (said_it) trial.status = 0;
  return trial;
}

}  // namespace

TrialGuard::TrialGuard() {
  g_interrupted = 0;
  checked("take over orphans", ::prctl(PR_SET_CHILD_SUBREAPER, 1));
  struct sigaction action {};
  action.sa_handler = [](int) { g_interrupted = 1; };
  for (std::size_t i = 0; i < kEndingSignals.size(); ++i) ::sigaction(kEndingSignals[i], &action, &g_before[i]);
}

TrialGuard::~TrialGuard() {
  for (std::size_t i = 0; i < kEndingSignals.size(); ++i) ::sigaction(kEndingSignals[i], &g_before[i], nullptr);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

bool TrialGuard::interrupted() { return g_interrupted != 0; }

Trial try_program(const std::vector<std::string>& words, std::chrono::seconds limit, const std::string& until) {
  return try_child(
      [&] {
        std::vector<char*> argv;
        for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        ::execvp(argv[0], argv.data());
      },
      limit, until);
}

Trial try_here(const std::function<std::string()>& act, std::chrono::seconds limit) {
  return try_child(
      [&] {
        std::string words;
        int status = 0;
        try {
          words = act();
        } catch (const std::exception& error) {
          words = error.what();
          status = 1;
        }
        const auto written = ::write(1, words.data(), words.size());
        ::_exit(written == static_cast<ssize_t>(words.size()) ? status : 1);
      },
      limit, {});
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace labreel
