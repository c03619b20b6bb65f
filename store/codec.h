// Event bodies to and from bytes. codec.cc is the only file that sees the Cap'n Proto types.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "store/format.h"

namespace labreel {

// Returns a body's payload; equal bodies give equal bytes. Frames have their own layout: see frame_payload.h.
std::string encode(const EventBody& body);

// Returns the node, port, link or lan that an event is about, or kNoSubject.
std::uint32_t subject_of(const EventBody& body);

// Reads a payload.
//
// Shape: an unknown kind of kFirstNote or above is an UnknownNote; its subject is its record's to say.
// Errors: hostile bytes: another unknown kind, an unknown enum value, pointers that lead astray, lists that claim more than is there.
Result<EventBody> decode(std::uint8_t kind, Bytes payload);

}  // namespace labreel
