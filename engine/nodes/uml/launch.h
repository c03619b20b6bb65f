// Launching a User-Mode Linux process that sees nothing of the host's clock, randomness or address layout.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace labreel {

// Where a guest's kernel finds LaunchPlan::path_log_fd: its command line names it.
inline constexpr int kPathLogFd = 3;

struct LaunchPlan {
  std::string program;                 // the kernel
  std::vector<std::string> arguments;  // the kernel's command line
  std::string folder;                  // it runs there, so that paths in its command line can be short and the same
  int console_fd = -1;                 // its stdout and stderr
  int path_log_fd = -1;                // gets the paths of the host's files that it opens, as descriptor kPathLogFd
  std::optional<unsigned> cpu;         // the host's CPU that it and its children keep to
  bool strict = false;                 // hide the CPU's clock too, and its identity where can_hide_cpuid()
};

// Says whether this host's CPU lets cpuid trap; rdtsc always does.
bool can_hide_cpuid();

// Starts the process; it is killed when the calling thread ends.
//
// Errors: std::system_error if there can be no new process. If it cannot become the kernel, it says why on its console
//         and exits with 127.
pid_t launch(const LaunchPlan& plan);

}  // namespace labreel
