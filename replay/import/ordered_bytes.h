// OrderedBytes: numbers in the byte order that a capture was written in.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/check.h"
#include "engine/core/event.h"

namespace labreel {

// Shape: whoever asks has looked at size() before.
class OrderedBytes {
 public:
  OrderedBytes(Bytes bytes, bool is_big_endian) : bytes_(bytes), is_big_endian_(is_big_endian) {}

  std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(number(at, 2)); }
  std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
  std::uint64_t u64(std::size_t at) const { return number(at, 8); }
  std::size_t size() const { return bytes_.size(); }
  Bytes bytes(std::size_t at, std::size_t count) const {
    LABREEL_CHECK(at <= size() && count <= size() - at);
    return bytes_.subspan(at, count);
  }

 private:
  std::uint64_t number(std::size_t at, std::size_t count) const {
    std::uint64_t value = 0;
    const Bytes part = bytes(at, count);
    for (std::size_t i = 0; i < count; ++i) {
      value = value << 8U | std::to_integer<std::uint64_t>(part[is_big_endian_ ? i : count - 1 - i]);
    }
    return value;
  }
  Bytes bytes_;
  bool is_big_endian_;
};

// Bytes that are not there, or that cannot be meant: "byte 112: the file is cut off".
inline Error bad_capture(std::size_t at, std::string what) {
  return Error{ErrorKind::input, std::move(what), "byte " + std::to_string(at), {}};
}

}  // namespace labreel
