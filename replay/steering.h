// Characters that steer whoever shows them: a terminal, or the order of letters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace labreel {

// Returns the code point at the start of `text` if it steers whoever shows it, or 0: U+0080 to U+009F are a terminal's
// commands, others turn the order of letters round or break the line.
//
// Shape: `text` begins with a whole character of UTF-8 that is more than one byte. All of these are below U+10000.
// Source: ECMA-48 section 5.3; Unicode UAX #9 section 2.
std::uint32_t steering_character(std::string_view text);
// "\u202e", as JSON, YAML and people read it.
std::string escaped(std::uint32_t code);
// printable() of what may have several lines.
std::string printable_lines(std::string_view text);

}  // namespace labreel
