// What the ops of a viewer share: how they read a request and what they put into an answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/text/json_reader.h"
#include "engine/text/json_writer.h"

namespace labreel {

// No string of an answer is longer, in bytes; then "…+N" says how many are left out.
inline constexpr std::size_t kShownText_max = 4096;

// Returns the text, or as much of its start as is shown.
std::string shown_text(std::string_view text);

inline Error bad_request(std::string what, std::string hint) {
  return Error{ErrorKind::usage, std::move(what), {}, std::move(hint)};
}

// Reads a member that must be a whole number from 0 on.
Result<std::uint64_t> number_in(const JsonValue& request, std::string_view key);
// The same of one that may lack.
Result<std::uint64_t> number_or(const JsonValue& request, std::string_view key, std::uint64_t otherwise);
// Reads `dir`: 1 or -1; true for forwards.
Result<bool> forwards_in(const JsonValue& request);
// Reads a list of texts; none if it lacks.
Result<std::vector<std::string>> texts_in(const JsonValue& request, std::string_view key);

// {"seq":N}, or null for none.
std::string seq_answer(Seq seq);

}  // namespace labreel
