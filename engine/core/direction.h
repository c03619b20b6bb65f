// CableDirection: one direction of one port's cable: its random stream, its rate limit, and its order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/core/arithmetic.h"
#include "engine/core/event.h"
#include "engine/core/random.h"

namespace labreel {

// One copy on its way through the cables: when it is where, and what happened to it so far.
struct Passage {
  LabTime at;
  Reason reason = Reason::none;
  std::uint8_t flags = 0;  // of Copy
  std::uint16_t corrupt_byte = 0;
};

// What leaves a direction for one passage that entered it; a lost or refused one has a reason.
struct Passages {
  std::array<Passage, 2> items;  // the second is the duplicate
  std::size_t count = 1;
};

// A span of time that the rate limit has given away: [begin, end).
struct BusySpan {
  LabTime begin;
  LabTime end;
  bool operator==(const BusySpan&) const = default;
};

// Nothing from `source` may be serialised before `serialised` or come out before `due`, unless it is reordered.
struct OrderFloor {
  PortId source{};
  LabTime serialised;
  LabTime due;
  bool operator==(const OrderFloor&) const = default;
};

// Carries frames in one direction. The order of things: loss; duplication; then for each copy the rate limit (with its
// queue), delay and jitter, corruption. A reordered copy skips the delay and is not held behind earlier ones; the rate
// limit and its queue hold for every copy, duplicates included.
//
// Frames may enter in another order than they are offered: on a lan they come from cables of different delays. So the
// rate limit gives away spans of time, the first that is free from a frame's entry on; and order is kept for each
// source alone, so that a slow port does not hold up a fast one.
class CableDirection {
 public:
  explicit CableDirection(RandomStream random) : random_(random) {}

  // Carries one frame of `length` bytes that enters at `entering.at`; `now` is when it arrived at the fabric.
  Passages carry(const CableSettings& settings, PortId source, const Passage& entering, std::uint32_t length,
                 LabTime now);

  // Empties the queue: the cable was cut or taken away.
  void forget();

  // Goes on with fresh draws that do not depend on how many frames came before: the settings were changed. So what a
  // change does to the frames after it is the same however much the nodes chattered before it.
  void restart_draws() { offered_ = ((offered_ >> 32U) + 1) << 32U; }

  // Returns the bytes that wait for the rate limit at `now`.
  std::uint64_t queued_bytes(const CableSettings& settings, LabTime now) const;

  // The state beyond the settings. What is past at `now` has no effect any more and is left out.
  std::uint64_t offered() const { return offered_; }
  std::vector<BusySpan> busy(LabTime now) const;
  std::vector<OrderFloor> floors(LabTime now) const;
  void restore(std::uint64_t offered, std::vector<BusySpan> busy, std::vector<OrderFloor> floors);

 private:
  void carry_copy(const CableSettings& settings, PortId source, std::uint32_t length, LabTime now, std::uint64_t copy,
                  Passage& passage);
  bool serialise(const CableSettings& settings, std::uint32_t length, LabTime not_before, Passage& passage);
  void forget_past(LabTime now);
  void corrupt(std::uint32_t length, std::uint64_t copy, Passage& passage) const;
  OrderFloor floor_of(PortId source) const;
  void raise_floor(const OrderFloor& floor, LabTime now);

  RandomStream random_;
  std::uint64_t offered_ = 0;       // the next frame's number in the stream; its upper half counts the changes
  std::vector<BusySpan> busy_;      // in order, disjoint, not touching
  std::vector<OrderFloor> floors_;  // by source
  LabTime latest_due_;              // no floor is beyond it
};

}  // namespace labreel
