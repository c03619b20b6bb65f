// Vitals: what a running recorder holds of the host, with all the processes that descend from it.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace labreel::test {

// Units: anonymous memory, since pages of files (the ring, programs) are the kernel's to keep or drop.
struct Vitals {
  std::uint64_t processes = 0;  // zombies, too
  std::uint64_t descriptors = 0;
  std::uint64_t memory_kib = 0;
  std::uint64_t recorder_memory_kib = 0;
};

Vitals vitals_of(pid_t recorder);

}  // namespace labreel::test
