#include "engine/nodes/uml/launch.h"

#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

[[noreturn]] void give_up(const char* attempt) {
  ::dprintf(2, "labreel: %s: %s\n", attempt, std::strerror(errno));
  ::_exit(127);
}

// The guest's kernel would mix the host's random numbers into its own. Without them it has those of the lab's seed
// only.
void forbid_host_randomness() {
  std::array<sock_filter, 4> rules{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
                                    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                                    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog filter{rules.size(), rules.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("forbid new privileges");
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) give_up("forbid the host's random numbers");
}

// Between fork and exec in a program with threads: system calls only.
[[noreturn]] void become(const LaunchPlan& plan, char* const* words, char* const* environment, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(127);
  ::setsid();
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(plan.console_fd, 1) < 0 || ::dup2(plan.console_fd, 2) < 0) ::_exit(127);
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (plan.path_log_fd == kPathLogFd) ::fcntl(kPathLogFd, F_SETFD, 0);
  else if (plan.path_log_fd >= 0 && ::dup2(plan.path_log_fd, kPathLogFd) < 0) ::_exit(127);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::chdir(plan.folder.c_str()) != 0) give_up("enter the guest's folder");
  if (plan.cpu) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(*plan.cpu, &cpus);
    ::sched_setaffinity(0, sizeof cpus, &cpus);  // only for speed
  }
  if (::personality(ADDR_NO_RANDOMIZE) < 0) give_up("turn address randomisation off");
  forbid_host_randomness();
  ::execve(plan.program.c_str(), words, environment);
  give_up("start the guest's kernel");
}

}  // namespace

// Asked by switching the trap off, which it is.
bool can_hide_cpuid() { return ::syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1) == 0; }

pid_t launch(const LaunchPlan& plan) {
  std::vector<std::string> words{"linux"};
  words.insert(words.end(), plan.arguments.begin(), plan.arguments.end());
  // Without rseq: a static program's children would inherit its registration, whose memory User-Mode Linux unmaps.
  std::vector<std::string> variables{"GLIBC_TUNABLES=glibc.pthread.rseq=0", "HOME=/",
                                     "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=/dev/shm"};
  if (plan.strict) variables.emplace_back("LABREEL_HIDE_TSC=1");
  if (plan.strict && can_hide_cpuid()) variables.emplace_back("LABREEL_HIDE_CPUID=1");
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  const auto arguments = pointers(words);
  const auto environment = pointers(variables);
  const pid_t parent = ::getpid();
  const pid_t pid = checked("fork", ::fork());
  if (pid == 0) become(plan, arguments.data(), environment.data(), parent);
  return pid;
}

}  // namespace labreel
