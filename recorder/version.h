// The versions that a reel and a bug report name.
#pragma once

namespace labreel {

inline constexpr const char* kProgramVersion = LABREEL_VERSION;

}  // namespace labreel
