#include "recorder/lock/call_filter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "recorder/lock/call_lists.h"

namespace labreel {
namespace {

constexpr std::uint32_t kOpensForMore = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
constexpr std::size_t kNames_max = 512;
std::array<const char*, kNames_max> g_names{};  // of the calls that end us, for a signal handler, which may not look one up

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// Only what may be called in a signal handler. The handler is a courtesy: a process that has put another in its place has its call
// refused all the same.
void end_by_lock(int /*signal*/, siginfo_t* about, void* /*context*/) {
  const auto number = static_cast<std::size_t>(about->si_syscall);
  const char* const name = number < g_names.size() && g_names[number] != nullptr ? g_names[number] : "a forbidden call";
  const auto say = [](std::string_view text) { static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size())); };
  say("labreel: ended by its own lock: reading a file led to ");
  say(name);
  say(", which a reader never does\nhint: the file is hostile, or this is a bug of labreel: please report it\n");
  ::_exit(kExitByLock);
}

void handle_forbidden_calls() {
  struct sigaction action {};
  action.sa_sigaction = end_by_lock;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGSYS, &action, nullptr);
}

// Adds rules and remembers the first that was refused.
class Rules {
 public:
  explicit Rules(scmp_filter_ctx filter) : filter_(filter) {}

  // A call that this machine does not have needs no rule.
  template <class... Arguments>
  void add(std::uint32_t action, const char* call, Arguments... arguments) {
    const int number = seccomp_syscall_resolve_name(call);
    if (number < 0) return;
    const std::array<scmp_arg_cmp, sizeof...(Arguments)> wanted{arguments...};
    note(seccomp_rule_add_array(filter_, action, number, static_cast<unsigned>(wanted.size()), wanted.data()));
    const auto at = static_cast<std::size_t>(number);
    if (action == SCMP_ACT_TRAP && at < g_names.size()) g_names[at] = call;
  }
  void set(scmp_filter_attr attribute, std::uint32_t value) { note(seccomp_attr_set(filter_, attribute, value)); }
  int refused() const { return refused_; }

 private:
  void note(int result) {
    if (result < 0 && refused_ == 0) refused_ = -result;
  }
  scmp_filter_ctx filter_;
  int refused_ = 0;
};

scmp_arg_cmp is(unsigned argument, std::uint64_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp has_bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

// The kernel looks at the lower half of these arguments only.
void allow_opening_to_read(Rules& rules) {
  const auto refuse = SCMP_ACT_ERRNO(EPERM);
  for (const auto& [call, flags] : {std::pair{"open", 1U}, std::pair{"openat", 2U}}) {
    rules.add(SCMP_ACT_ALLOW, call, has_bits(flags, kOpensForMore, 0));
    for (const std::uint64_t mode : {O_WRONLY, O_RDWR, O_ACCMODE}) rules.add(refuse, call, has_bits(flags, O_ACCMODE, mode));
    for (const std::uint64_t bit : {O_CREAT, O_TRUNC, O_TMPFILE & ~O_DIRECTORY}) rules.add(refuse, call, has_bits(flags, bit, bit));
  }
}

void allow_this_process(Rules& rules) {
  const auto us = static_cast<std::uint64_t>(::getpid());
  rules.add(SCMP_ACT_ALLOW, "tgkill", is(0, us));  // raise() and abort()
  rules.add(SCMP_ACT_ALLOW, "kill", is(0, us));
  rules.add(SCMP_ACT_ALLOW, "clone", has_bits(0, CLONE_THREAD, CLONE_THREAD));
  rules.add(SCMP_ACT_ALLOW, "prlimit64", is(2, 0));  // asks
  rules.add(SCMP_ACT_ALLOW, "sendto", is(4, 0));     // without an address
  for (const std::uint64_t what : {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_VMA})
    rules.add(SCMP_ACT_ALLOW, "prctl", is(0, what));
#if defined(__SANITIZE_ADDRESS__)
  rules.add(SCMP_ACT_ALLOW, "ptrace");
  rules.add(SCMP_ACT_ALLOW, "clone", has_bits(0, CLONE_THREAD, 0));
  for (const std::uint64_t what : {PR_SET_DUMPABLE, PR_SET_PTRACER}) rules.add(SCMP_ACT_ALLOW, "prctl", is(0, what));
#endif
}

std::string why_missing(int error) {
  if (error == EINVAL || error == ENOSYS) return "the kernel has no filter of system calls (seccomp)";
  return std::string("the filter of system calls was refused: ") + std::strerror(error);
}

}  // namespace

std::string filter_calls(NameCalls names) {
  // As from a kernel that does not have the call: then a C library newer than this list takes the older way.
  const Filter filter{seccomp_init(SCMP_ACT_ERRNO(ENOSYS))};
  if (!filter) return why_missing(ENOMEM);
  Rules rules{filter.get()};
  rules.set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);  // calls by the numbers of another machine
  rules.set(SCMP_FLTATR_CTL_TSYNC, 1);
  for (const char* const call : allowed_calls()) rules.add(SCMP_ACT_ALLOW, call);
  const auto writing = names == NameCalls::left_to_landlock ? writing_calls() : std::span<const char* const>{};
  const auto is_writing = [&](std::string_view call) { return std::ranges::find(writing, call) != writing.end(); };
  for (const char* const call : writing) rules.add(SCMP_ACT_ALLOW, call);
  for (const char* const call : fatal_calls()) {
    if (!is_writing(call) && std::string_view{call} != "utimensat") rules.add(SCMP_ACT_TRAP, call);
  }
  // Of an open file, with a writer; by a name, never.
  if (!writing.empty()) rules.add(SCMP_ACT_ALLOW, "utimensat", is(1, 0));
  rules.add(SCMP_ACT_TRAP, "utimensat", scmp_arg_cmp{1, writing.empty() ? SCMP_CMP_GE : SCMP_CMP_GT, 0, 0});
  for (const std::uint32_t request : allowed_ioctls()) rules.add(SCMP_ACT_ALLOW, "ioctl", is(1, request));
  for (const std::uint32_t command : allowed_fcntls()) {
    rules.add(SCMP_ACT_ALLOW, "fcntl", is(1, command));
    rules.add(SCMP_ACT_ALLOW, "fcntl64", is(1, command));
  }
  if (writing.empty()) allow_opening_to_read(rules);
  allow_this_process(rules);
  if (rules.refused() != 0) return why_missing(rules.refused());
  handle_forbidden_calls();
  const int loaded = seccomp_load(filter.get());
  return loaded < 0 ? why_missing(-loaded) : std::string{};
}

}  // namespace labreel
