// What every reader of event bodies asks of their bytes, before it looks at a field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "store/format.h"

namespace labreel {

constexpr bool is_unknown_note(std::uint8_t kind) { return kind > static_cast<std::uint8_t>(EventKind::exec_input); }

// A note of a later version is its own bytes; nothing for every other kind.
inline std::optional<EventBody> unknown_note(std::uint8_t kind, Bytes payload) {
  if (!is_unknown_note(kind)) return std::nullopt;
  return EventBody{UnknownNote{kind, kNoSubject, {reinterpret_cast<const char*>(payload.data()), payload.size()}}};
}

// Errors: bytes that are no words.
inline Status check_body_size(Bytes payload) {
  if (payload.size() % 8 == 0 && !payload.empty()) return ok_status();
  return Error{ErrorKind::input, "an event's body of " + std::to_string(payload.size()) + " bytes is no message"};
}

// Every field is read once, so an honest body is traversed once; a list that claims its items many times over is not.
inline std::uint64_t traversal_words_max(Bytes payload) { return payload.size() / 8 + 16; }

}  // namespace labreel
