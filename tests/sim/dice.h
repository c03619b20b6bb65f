// Dice: the draws of a simulation, from its seed alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"

namespace labreel::sim {

// Shape: each part of a simulation has dice of its own, so that a draw here shifts none there.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t part) : state_(mix(mix(seed) ^ part)) {}

  // Returns a number in [0, bound); 0 if bound is 0.
  std::uint64_t number(std::uint64_t bound) { return below(mix(state_++), bound); }
  std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + number(last - first + 1); }
  bool percent(std::uint64_t chance) { return number(100) < chance; }
  // Nothing may be empty.
  template <class List>
  const auto& one_of(const List& list) {
    return list[number(list.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace labreel::sim
