// The default MAC address is written into reels and expected by labs: this hash must never change.
#include "engine/lab/lab_file.h"

namespace labreel {
namespace {

// FNV-1a (64 bit) of the text and a NUL, so that ("a", "bc") and ("ab", "c") differ.
std::uint64_t add_text(std::uint64_t hash, std::string_view text) {
  constexpr std::uint64_t prime = 0x100000001b3;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return hash * prime;
}

// The finaliser of splitmix64: FNV leaves neighbouring names with neighbouring hashes.
std::uint64_t mixed(std::uint64_t hash) {
  hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31U);
}

}  // namespace

MacAddress default_mac(std::string_view lab, std::string_view node, std::string_view port) {
  constexpr std::uint64_t offset_basis = 0xcbf29ce484222325;
  const std::uint64_t hash = mixed(add_text(add_text(add_text(offset_basis, lab), node), port));
  MacAddress mac{};
  for (std::size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<std::uint8_t>(hash >> (8 * i));
  constexpr std::uint8_t group = 0x01, local = 0x02;
  mac[0] = static_cast<std::uint8_t>((mac[0] & ~group) | local);
  return mac;
}

}  // namespace labreel
