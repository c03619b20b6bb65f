// Bytes that others wrote, made fit for JSON and for a terminal.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace labreel {

// Returns the length of the valid UTF-8 sequence at the start of `text`, or 0. Source: RFC 3629 section 4.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

// Returns lower-case hex digits, two a byte.
std::string to_hex(std::span<const std::byte> bytes);
std::string to_hex(std::string_view bytes);

// Returns the text with control characters and bytes that are no UTF-8 as \n, \t or \x1b: it cannot steer a terminal.
std::string printable(std::string_view text);

// Counts the characters of UTF-8: on a terminal printable text is as wide.
std::size_t characters_in(std::string_view text);

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace labreel
