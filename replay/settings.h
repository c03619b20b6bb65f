// The names of what a cable did to a copy.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// Returns the names of a copy's flags: duplicated, corrupted, reordered.
std::vector<std::string_view> names_of_flags(std::uint8_t flags);

}  // namespace labreel
