// What an effect must satisfy before a topology takes it.
#pragma once

#include "engine/core/topology.h"

namespace labreel {

// The longest payload that a port of the fabric can be told to carry: a copy numbers its corrupted byte in 16 bits.
inline constexpr std::uint32_t kPortMtuMax = 65'500;
// The longest delay or jitter, about 146 years: so that sums of times stay far from overflow.
inline constexpr std::uint64_t kDelayMax_ns = std::uint64_t{1} << 62U;

// Says whether settings are within the bounds above and their probabilities at most certain.
Status check_settings(const CableSettings& settings);
// Says whether a node's, port's or lan's name can stand in "node:port": not empty, no ':' and no control character.
Status check_name(std::string_view name);
// Says whether `effect` fits `topology`; events that are no effects always do.
Status check_effect(const Topology& topology, const EventBody& effect);

}  // namespace labreel
