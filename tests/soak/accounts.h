// Accounts: what a soaked lab's reel says, to be held against what was done to the lab and what its nodes counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/core/result.h"

namespace labreel::test {

struct Accounts {
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t starts = 0;  // of nodes
  std::uint64_t stalls = 0;  // host notes
  std::uint64_t lost_before_fabric = 0;        // frames that the kernel dropped at the counted port
  std::map<std::string, std::uint64_t> marks;  // frames of the counted port before each marker
};

// Reads a sealed reel. Errors: one that cannot be read, is not sound, not sealed, or against the determinism oracle.
Result<Accounts> accounts_of(const std::string& reel, const std::string& counted_port);

}  // namespace labreel::test
