#include "engine/clock/lab_loop.h"

#include <time.h>

#include <limits>

namespace labreel {
namespace {

std::uint64_t read_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

std::uint64_t utc_of_monotonic_zero_ns() {
  constexpr int kReadings = 32;
  std::uint64_t closest_ns = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t utc_ns = 0;
  for (int i = 0; i < kReadings; ++i) {
    const std::uint64_t before = read_ns(CLOCK_MONOTONIC);
    const std::uint64_t utc = read_ns(CLOCK_REALTIME);
    const std::uint64_t after = read_ns(CLOCK_MONOTONIC);
    if (after - before >= closest_ns) continue;
    closest_ns = after - before;
    utc_ns = utc - (before + closest_ns / 2);
  }
  return utc_ns;
}

std::uint64_t LabLoop::utc_at_ns(LabTime /*at*/) const { return read_ns(CLOCK_REALTIME); }

}  // namespace labreel
