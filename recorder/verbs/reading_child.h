// A limited child for verbs: what it throws comes back as its error.
#pragma once

#include "recorder/lock/limited_child.h"
#include "recorder/verbs/verb.h"

namespace labreel {

// Errors: as in_limited_child(); a VerbError that `read` throws is its error.
inline Result<std::string> in_reading_child(const std::function<Result<std::string>()>& read, const ChildLimits& limits = {}) {
  return in_limited_child(
      [&]() -> Result<std::string> {
        try {
          return read();
        } catch (const VerbError& refused) {
          return refused.error();
        }
      },
      limits);
}

}  // namespace labreel
