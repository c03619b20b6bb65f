// Integer arithmetic that neither overflows nor rounds the wrong way.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/core/ids.h"

namespace labreel {

__extension__ using Wide = unsigned __int128;

inline constexpr std::uint64_t kBitNanosecondsPerByte = 8'000'000'000;

// Returns the sum, or kNever if it is beyond all time.
constexpr LabTime add_time(LabTime at, std::uint64_t duration_ns) {
  return LabTime{at.ns > kNever.ns - duration_ns ? kNever.ns : at.ns + duration_ns};
}

// Returns how long `bytes` take at `rate_bps`, rounded up: a rate is never exceeded.
constexpr std::uint64_t serialisation_ns(std::uint64_t bytes, std::uint64_t rate_bps) {
  const Wide bits = static_cast<Wide>(bytes) * kBitNanosecondsPerByte;
  return static_cast<std::uint64_t>(std::min<Wide>((bits + rate_bps - 1) / rate_bps, kNever.ns));
}

// Returns how many bytes pass in a duration at `rate_bps`, rounded up.
constexpr std::uint64_t bytes_passing(std::uint64_t duration_ns, std::uint64_t rate_bps) {
  const Wide bits = static_cast<Wide>(duration_ns) * rate_bps;
  return static_cast<std::uint64_t>(
      std::min<Wide>((bits + kBitNanosecondsPerByte - 1) / kBitNanosecondsPerByte, kNever.ns));
}

}  // namespace labreel
