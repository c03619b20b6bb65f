// A moment as people write it.
#pragma once

#include <cstdint>
#include <string>

namespace labreel {

// Returns "2026-03-01T12:00:00.000000001Z". Units: ns since 1970.
std::string utc_text(std::uint64_t ns);

}  // namespace labreel
