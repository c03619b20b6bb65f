#include "replay/address_text.h"

#include <array>
#include <cstdint>

#include "engine/text/hex.h"

namespace labreel {
namespace {

constexpr std::size_t kGroups = 8;
using Groups = std::array<unsigned, kGroups>;

// The longest run of zero groups, the first of equals; a single one is written out.
struct Run {
  std::size_t begin = kGroups;
  std::size_t size = 0;
};
Run longest_zeros(const Groups& groups) {
  Run longest;
  Run run;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (groups[i] != 0) {
      run = Run{};
      continue;
    }
    if (run.size == 0) run.begin = i;
    ++run.size;
    if (run.size > longest.size) longest = run;
  }
  return longest.size >= 2 ? longest : Run{};
}

std::string group_text(unsigned group) {
  const std::array bytes{static_cast<std::byte>(group >> 8U), static_cast<std::byte>(group & 0xffU)};
  const std::string digits = to_hex(bytes);
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

}  // namespace

std::string hardware_address(Bytes bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) text += (i == 0 ? "" : ":") + to_hex(bytes.subspan(i, 1));
  return text;
}

std::string ipv4_address(Bytes four) {
  if (four.size() != 4) return "?";
  std::string text;
  for (const std::byte byte : four) text += (text.empty() ? "" : ".") + std::to_string(std::to_integer<unsigned>(byte));
  return text;
}

std::string ipv6_address(Bytes sixteen) {
  if (sixteen.size() != 2 * kGroups) return "?";
  Groups groups{};
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = std::to_integer<unsigned>(sixteen[2 * i]) << 8U | std::to_integer<unsigned>(sixteen[2 * i + 1]);
  }
  const Run zeros = longest_zeros(groups);
  const bool has_ipv4 = zeros.begin == 0 && (zeros.size == 6 || (zeros.size == 5 && groups[5] == 0xffff));
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == zeros.begin) {
      text += "::";
      i += zeros.size - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    if (i == 6 && has_ipv4) return text + ipv4_address(sixteen.subspan(12));
    text += group_text(groups[i]);
  }
  return text;
}

}  // namespace labreel
