// One number for all that a fabric decides of many impaired frames: equal where two builds of it decide alike.
#pragma once

#include <cstdint>

namespace labreel::test {

// Sends frames between the 25 ports of a lan whose cables lose, duplicate, corrupt, reorder, delay and queue, and hashes every
// field of every decision, the bytes that are delivered, and the switch's own state at the end.
std::uint64_t decisions_hash(std::uint32_t frames);

}  // namespace labreel::test
