// CheckedReel: a reel that was read from end to end, with what the reading computed.
#pragma once

#include <memory>

#include "store/digest.h"
#include "store/open_reel.h"
#include "store/reel_check.h"
#include "store/reel_index.h"

namespace labreel {

// Shape: digest and index are of the events that the report counts.
struct CheckedReel {
  ReelReport report;
  DigestChain digest;
  IndexBuilder index;
};

// Compares everything in a reel that says the same thing twice.
CheckedReel check_open_reel(std::shared_ptr<OpenReel> reel);

}  // namespace labreel
