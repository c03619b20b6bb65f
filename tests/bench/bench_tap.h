// TAP devices for benchmarks.
#pragma once

#include <cstdint>

#include "engine/os/owned_fd.h"

namespace labreel::bench {

// Makes the TAP lrNUMBER in this network namespace; not blocking, without a head before its frames.
//
// Errors: throws std::system_error.
OwnedFd make_tap(std::uint32_t number);

}  // namespace labreel::bench
