#include "replay/text.h"

#include <algorithm>

namespace labreel {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool in(unsigned char byte, unsigned low, unsigned high) { return byte >= low && byte <= high; }

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : '\0'); };
  const unsigned char first = at(0);
  const auto tail = [&](std::size_t i) { return in(at(i), 0x80, 0xbf); };
  if (first < 0x80) return 1;
  if (in(first, 0xc2, 0xdf)) return tail(1) ? 2 : 0;
  if (in(first, 0xe0, 0xef)) {
    const bool second = in(at(1), first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return second && tail(2) ? 3 : 0;
  }
  if (in(first, 0xf0, 0xf4)) {
    const bool second = in(at(1), first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t characters_in(std::string_view text) {
  const auto begins_one = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_one));
}

std::string to_hex(std::string_view bytes) {
  std::string hex(2 * bytes.size(), '\0');
  char* out = hex.data();
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *out++ = kHexDigits[byte >> 4U];
    *out++ = kHexDigits[byte & 0xfU];
  }
  return hex;
}

std::string to_hex(std::span<const std::byte> bytes) { return to_hex(as_text(bytes)); }

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    // U+0080 to U+009F steer terminals too.
    const bool c1 = length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
    const std::size_t taken = length == 0 ? 1 : length;
    if (first == '\n') {
      shown += "\\n";
    } else if (first == '\t') {
      shown += "\\t";
    } else if (length == 0 || first < 0x20 || first == 0x7f || c1) {
      for (std::size_t i = 0; i < taken; ++i) shown += "\\x" + to_hex(text.substr(i, 1));
    } else {
      shown += text.substr(0, taken);
    }
    text.remove_prefix(taken);
  }
  return shown;
}

}  // namespace labreel
