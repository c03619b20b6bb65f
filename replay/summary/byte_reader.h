// ByteReader: big-endian fields from bytes that may end at any place.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/core/event.h"

namespace labreel::summary {

// Shape: after the first field that is not wholly there, ok() is false and every field is 0.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  // Takes `size` bytes; none if they are not all there.
  Bytes take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  void skip(std::size_t size) { static_cast<void>(take(size)); }
  // Keeps only the next `size` bytes: what a length field says is there. The rest is padding; less is a truncation.
  void limit(std::size_t size) {
    if (size > rest_.size()) too_short_ = true;
    rest_ = rest_.first(std::min(size, rest_.size()));
  }

  std::size_t left() const { return rest_.size(); }
  Bytes rest() const { return rest_; }
  bool ok() const { return ok_; }
  // Something ended before its header or its length field said.
  bool truncated() const { return !ok_ || too_short_; }

 private:
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::byte byte : take(size)) value = value << 8U | static_cast<std::uint64_t>(byte);
    return value;
  }
  Bytes rest_;
  bool ok_ = true;
  bool too_short_ = false;
};

}  // namespace labreel::summary
