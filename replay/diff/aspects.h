// Aspects: what a comparison of two recordings passes over, `diff --ignore`.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/result.h"

namespace labreel {

// One bit each.
enum Aspect : std::uint32_t {
  kIgnoreTime = 1U << 0,
  kIgnoreOrder = 1U << 1,
  kIgnoreMac = 1U << 2,
  kIgnoreNumbers = 1U << 3,
  kIgnorePayload = 1U << 4,
  kIgnoreDecisions = 1U << 5,
  kIgnoreOutput = 1U << 6,
  kIgnorePolls = 1U << 7,
  kIgnoreLab = 1U << 8,
};

// A set of them. With any in it, events are compared by what they say: numbers of events (and so causes) and
// checkpoints, which hold numbers and times, are passed over, too.
using Aspects = std::uint32_t;

// Reads "time,mac"; "" is none. Errors: an aspect that does not exist, with the nearest one that does.
Result<Aspects> parse_aspects(const std::string& text);
// Returns "time,mac".
std::string names_of(Aspects aspects);
// Returns a line on each aspect, for --help.
std::string aspects_help();

}  // namespace labreel
