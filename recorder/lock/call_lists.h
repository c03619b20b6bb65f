// The lists of the call filter, by the kernel's names.
#pragma once

#include <cstdint>
#include <span>

namespace labreel {

// Calls that a reader may make, whatever their arguments.
std::span<const char* const> allowed_calls();
// Calls that no reader has a reason to make: it is ended.
std::span<const char* const> fatal_calls();
// Calls on names and files that a reader may make which writes beneath a folder: Landlock looks at the names.
std::span<const char* const> writing_calls();
// The second argument that these calls may have.
std::span<const std::uint32_t> allowed_ioctls();
std::span<const std::uint32_t> allowed_fcntls();

}  // namespace labreel
