// Event bodies from bytes, without Cap'n Proto's library.
#pragma once

#include <cstdint>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel::canonical {

// Reads a payload as decode() of store/codec.h does: the same event, or an error where that has one.
//
// Errors: hostile bytes, in words of its own.
Result<EventBody> decode(std::uint8_t kind, Bytes payload);

}  // namespace labreel::canonical
