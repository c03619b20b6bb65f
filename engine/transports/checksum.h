// InternetSum: the sum behind the checksums of IP, TCP and UDP, and big-endian fields of a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/event.h"

namespace labreel {

inline std::uint16_t u16_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[at]) << 8U | std::to_integer<unsigned>(bytes[at + 1]));
}
inline std::uint32_t u32_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(u16_at(bytes, at)) << 16U | u16_at(bytes, at + 2);
}
inline void put_u16(std::span<std::byte> bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::byte>(value >> 8U);
  bytes[at + 1] = static_cast<std::byte>(value & 0xffU);
}
inline void put_u32(std::span<std::byte> bytes, std::size_t at, std::uint32_t value) {
  put_u16(bytes, at, static_cast<std::uint16_t>(value >> 16U));
  put_u16(bytes, at + 2, static_cast<std::uint16_t>(value & 0xffffU));
}

// Shape:  a sum of 16-bit words in ones' complement; every part but the last has an even length.
// Source: RFC 1071.
class InternetSum {
 public:
  void add(Bytes part);
  void add(std::uint16_t word);
  // The sum itself: what a checksum's field holds that somebody else will finish.
  std::uint16_t value() const;
  // What belongs into a checksum's field.
  std::uint16_t checksum() const { return static_cast<std::uint16_t>(~value()); }

 private:
  std::uint64_t sum_ = 0;  // of words in the machine's byte order: the sum does not care, if its bytes are swapped at the end
};

// Finishes a checksum that its sender left to the card, over everything from `start` on; its field is `offset` behind that.
//
// Errors: false if they lie outside the frame, which then is unchanged.
bool finish_checksum(std::span<std::byte> frame, std::size_t start, std::size_t offset);

}  // namespace labreel
