// Hexadecimal digits of bytes, and bytes of hexadecimal digits.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace labreel {

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Returns lower-case hex digits, two a byte.
std::string to_hex(std::span<const std::byte> bytes);
std::string to_hex(std::string_view bytes);

// Returns the value of one digit of either case, or nothing.
std::optional<unsigned> hex_digit(char digit);
// Returns the bytes that pairs of digits stand for. Errors: nothing if a digit is none, or if one has no partner.
std::optional<std::string> bytes_of_hex(std::string_view hex);

}  // namespace labreel
