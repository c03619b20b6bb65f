#include "recorder/control/interrupt_watch.h"

#include <sys/signalfd.h>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

InterruptWatch::InterruptWatch(std::initializer_list<int> signals) {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int signal : signals) {
    // A blocked signal is kept even where it is ignored, so an ignored one must not be blocked.
    if (!is_ignored(signal)) sigaddset(&watched, signal);
  }
  fd_ = OwnedFd{checked("make a signalfd", ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK))};
  ::pthread_sigmask(SIG_BLOCK, &watched, &before_);
}

InterruptWatch::~InterruptWatch() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

std::optional<int> InterruptWatch::take() {
  signalfd_siginfo info{};
  const auto got = ::read(fd_.get(), &info, sizeof info);
  if (got != static_cast<ssize_t>(sizeof info)) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace labreel
