// HostCapacity: whether this host can bear a lab, asked before anything of it starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/result.h"

namespace labreel {

// What a lab's nodes take of a host at least, before their own programs do anything.
struct LabSize {
  std::uint64_t nodes = 0;
  std::uint64_t ports = 0;
  std::uint64_t commands = 0;  // nodes that run a command while they start
  bool guests = false;         // the nodes are uml guests, not namespaces
};

// What the host has; what could not be read is not checked.
struct HostCapacity {
  std::optional<std::uint64_t> pid_max;          // sysctl kernel.pid_max
  std::optional<std::uint64_t> threads_max;      // sysctl kernel.threads-max
  std::optional<std::uint64_t> threads;          // that there are now
  std::optional<std::uint64_t> own_processes;    // RLIMIT_NPROC, of a user whom it binds
  std::optional<std::uint64_t> group_processes;  // pids.max of the control groups that this process is in
  std::optional<std::uint64_t> files;            // RLIMIT_NOFILE, hard
  std::optional<std::uint64_t> net_namespaces;   // sysctl user.max_net_namespaces
  std::optional<std::uint64_t> memory_bytes;     // available
};

HostCapacity read_host_capacity();

// Errors: Error{host} for the first thing that the lab needs more of than there is, with both figures.
Status check_capacity(const LabSize& lab, const HostCapacity& host);

}  // namespace labreel
