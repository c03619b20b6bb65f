// Bytes that others wrote, made fit for JSON and for a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace labreel {

// Returns the length of the valid UTF-8 sequence at the start of `text`, or 0. Source: RFC 3629 section 4.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

// Returns the text with control characters and bytes that are no UTF-8 as \n, \t or \x1b: it cannot steer a terminal.
std::string printable(std::string_view text);
// printable() of what may have several lines.
std::string printable_lines(std::string_view text);

// Counts the characters of UTF-8: on a terminal printable text is as wide.
std::size_t characters_in(std::string_view text);

// Returns the code point at the start of `text` if it steers whoever shows it, or 0: U+0080 to U+009F are a terminal's
// commands, others turn the order of letters round or break the line.
//
// Shape: `text` begins with a whole character of UTF-8 that is more than one byte. All of these are below U+10000.
// Source: ECMA-48 section 5.3; Unicode UAX #9 section 2.
std::uint32_t steering_character(std::string_view text);
// "\u202e", as JSON, YAML and people read it.
std::string escaped(std::uint32_t code);

}  // namespace labreel
