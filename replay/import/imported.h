// Reels that were made from a capture: what marks them, for whoever would re-execute one.
#pragma once

#include <string_view>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// No labreel carried these frames: LabBegun::clock is `capture`, and LabBegun::fabric_version is this.
inline constexpr std::uint32_t kNoFabric = 0;

inline bool is_imported(const LabBegun& begun) { return begun.clock == ClockKind::capture; }

// What is said to who wants more of such a reel than the view level.
inline Error nothing_to_reexecute() {
  return Error{
      ErrorKind::usage,
      "nothing to re-execute: the reel was imported from a capture, and no fabric of labreel's decided what is in it",
      {},
      "its level is view; labreel check proves that the reel is whole"};
}

}  // namespace labreel
