#include "engine/text/text.h"

#include <algorithm>
#include <array>

#include "engine/text/hex.h"

namespace labreel {
namespace {

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

std::uint32_t steering_character(std::string_view text) {
  if (text.size() < 2) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  const auto bits = [&](std::size_t i) { return static_cast<std::uint32_t>(text[i]) & 0x3FU; };
  if (in(first, 0xc2, 0xdf)) {
    const std::uint32_t code = (first & 0x1FU) << 6U | bits(1);
    return code < 0xa0 || code == 0x061c ? code : 0;
  }
  if (first != 0xe2 || text.size() < 3) return 0;
  const std::uint32_t code = (first & 0xFU) << 12U | bits(1) << 6U | bits(2);
  const bool steers = code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
                      (code >= 0x2066 && code <= 0x2069);
  return steers ? code : 0;
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t taken = length == 0 ? 1 : length;
    if (first == '\n') {
      shown += "\\n";
    } else if (first == '\t') {
      shown += "\\t";
    } else if (length == 0 || first < 0x20 || first == 0x7f) {
      shown += "\\x" + to_hex(text.substr(0, 1));
    } else if (const std::uint32_t code = length > 1 ? steering_character(text) : 0; code != 0) {
      shown += escaped(code);
    } else {
      shown += text.substr(0, taken);
    }
    text.remove_prefix(taken);
  }
  return shown;
}

std::string printable_lines(std::string_view text) {
  std::string lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    lines += printable(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    lines += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string escaped(std::uint32_t code) {
  const std::array bytes{static_cast<char>(code >> 8U), static_cast<char>(code)};
  return "\\u" + to_hex(std::string_view(bytes.data(), bytes.size()));
}

}  // namespace labreel
