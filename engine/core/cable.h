// CableSettings: what one direction of a cable does to the frames that cross it.
#pragma once

#include <cstdint>

namespace labreel {

// Which way a frame crosses a port's cable, seen from the port: `out` leaves the node, `in` enters it.
//
// Shape: a link has only `out` directions (each port's `out` is its peer's `in`); a port on a lan has both.
enum class Direction : std::uint8_t { out = 0, in = 1 };

// Probabilities are integers: one part in a thousand million.
inline constexpr std::uint32_t kCertain_ppb = 1'000'000'000;

// The impairments of one direction of a cable.
//
// Units: *_ns nanoseconds; rate bits a second (0: no limit); queue bytes waiting for the rate limit
//        (used only with a rate); *_ppb parts per thousand million.
struct CableSettings {
  std::uint64_t delay_ns = 0;
  std::uint64_t jitter_ns = 0;  // uniform in delay ± jitter; never reorders
  std::uint64_t rate_bps = 0;
  std::uint64_t queue_bytes = kDefaultQueueBytes;
  std::uint32_t loss_ppb = 0;
  std::uint32_t duplicate_ppb = 0;
  std::uint32_t corrupt_ppb = 0;  // one bit of the copy is flipped
  std::uint32_t reorder_ppb = 0;  // the copy skips the delay, and so may overtake earlier ones

  static constexpr std::uint64_t kDefaultQueueBytes = 65'536;
  bool operator==(const CableSettings&) const = default;
};

// Bits of CableField. A reel has room for 24 of them.
using CableFields = std::uint32_t;

// Bits that say which settings of a direction a `link.changed` changed, in the order of the struct.
enum CableField : CableFields {
  kFieldDelay = 1U << 0,
  kFieldJitter = 1U << 1,
  kFieldRate = 1U << 2,
  kFieldQueue = 1U << 3,
  kFieldLoss = 1U << 4,
  kFieldDuplicate = 1U << 5,
  kFieldCorrupt = 1U << 6,
  kFieldReorder = 1U << 7,
};

}  // namespace labreel
