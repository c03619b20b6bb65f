// Ctrl-C and its kin, for verbs that run a lab: the lab's loop reads them from a descriptor.
#pragma once

#include <signal.h>

namespace labreel {

// Blocks them in this thread and those that it starts: no thread may take them.
inline void block_ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace labreel
