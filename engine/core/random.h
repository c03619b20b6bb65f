// The fabric's randomness: every draw is a function of what it is for, so that no draw shifts another.
//
// A draw is a hash of (stream, number of the frame in the stream, purpose). The stream is named by the lab's seed, the
// port's full name and the direction. So setting a loss does not change the jitter of a later frame, and a link added
// elsewhere changes nothing here. A change of a direction's settings starts fresh draws (CableDirection::restart_draws).
// All arithmetic is on 64-bit integers: the same on every machine and compiler.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core/cable.h"

namespace labreel {

// What a draw decides. The numbers are part of the fabric's version.
enum class Draw : std::uint64_t {
  loss = 1,
  duplicate,
  reorder,
  jitter,
  corrupt,
  corrupt_byte,
  corrupt_bit,
};

// Returns a number that depends on every bit of `x`.
//
// Source: the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

// Returns a number that is uniform in [0, bound) if `random` is uniform; 0 if bound is 0.
std::uint64_t below(std::uint64_t random, std::uint64_t bound);

// The draws of one direction of one port's cable.
class RandomStream {
 public:
  // Shape: `port` is the full name, such as "r1:eth1".
  RandomStream(std::uint64_t seed, std::string_view port, Direction direction);

  // Returns the draw for one purpose, for one frame of the stream and one copy of it (0, or 1 for the duplicate).
  std::uint64_t draw(std::uint64_t frame, Draw purpose, std::uint64_t copy = 0) const {
    return mix(mix(key_ ^ mix(frame)) + 2 * static_cast<std::uint64_t>(purpose) + copy);
  }
  // Returns whether something of the given probability happens.
  bool happens(std::uint32_t probability_ppb, std::uint64_t frame, Draw purpose, std::uint64_t copy = 0) const {
    return probability_ppb != 0 && below(draw(frame, purpose, copy), kCertain_ppb) < probability_ppb;
  }

 private:
  std::uint64_t key_;
};

}  // namespace labreel
