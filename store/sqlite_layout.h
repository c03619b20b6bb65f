// How rows lie in a SQLite file with one of a reel's page sizes: for those who read them without SQLite.
// Source: https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/format.h"

namespace labreel {

inline constexpr std::uint64_t kLink_bytes = 4;  // an overflow page begins with the next one's number
inline constexpr std::uint8_t kTableLeaf = 0x0D;
inline constexpr std::uint8_t kTableInterior = 0x05;
inline constexpr std::uint64_t kCellCountAt = 3;
inline constexpr std::uint64_t kLeafHead_bytes = 8;
inline constexpr std::uint64_t kInteriorHead_bytes = 12;  // its last 4 are the right-most child
inline constexpr std::size_t kPageSizeAt = 16;  // of the file, 2 bytes

// The page size that those two bytes tell, if it is one of a reel's.
constexpr std::optional<std::uint64_t> page_size_in(unsigned char high, unsigned char low) {
  const int told = high * 256 + low;
  if (told == 1) return kDatabasePage_bytes;
  for (const int small : kSmallPage_bytes) {
    if (told == small) return small;
  }
  return std::nullopt;
}

// How much of a payload an overflow page holds.
constexpr std::uint64_t overflow_bytes(std::uint64_t page_bytes) { return page_bytes - kLink_bytes; }

// How much of a payload lies in the leaf itself. (Section 1.6: U, X, M and K are its letters.)
constexpr std::uint64_t local_bytes(std::uint64_t payload_bytes, std::uint64_t page_bytes) {
  const std::uint64_t x = page_bytes - 35;
  const std::uint64_t m = (page_bytes - 12) * 32 / 255 - 23;
  if (payload_bytes <= x) return payload_bytes;
  const std::uint64_t k = m + (payload_bytes - m) % overflow_bytes(page_bytes);
  return k <= x ? k : m;
}

// Bytes that are read from the front; reading behind the end gives zeros and is remembered.
class Front {
 public:
  explicit Front(std::string_view bytes) : rest_(bytes) {}
  bool is_whole() const { return is_whole_; }
  std::uint64_t left() const { return rest_.size(); }

  std::uint64_t big_endian(std::size_t bytes) {
    std::uint64_t value = 0;
    while (bytes-- > 0) value = value << 8U | byte();
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t next = byte();
      value = value << 7U | (next & 0x7FU);
      if (next < 0x80) return value;
    }
    return value << 8U | byte();
  }

 private:
  std::uint64_t byte() {
    if (rest_.empty()) {
      is_whole_ = false;
      return 0;
    }
    const auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  std::string_view rest_;
  bool is_whole_ = true;
};

// A column as its row's head describes it.
struct ColumnType {
  enum class Kind { null, integer, text, blob };
  Kind kind = Kind::null;
  std::uint64_t number = 0;  // of an integer without bytes
  std::uint64_t bytes = 0;
};

constexpr ColumnType column_type_of(std::uint64_t serial_type) {
  using Kind = ColumnType::Kind;
  constexpr std::uint64_t kIntegerBytes[] = {0, 1, 2, 3, 4, 6, 8};
  if (serial_type >= 12) return {serial_type % 2 == 0 ? Kind::blob : Kind::text, 0, (serial_type - 12) / 2};
  if (serial_type == 8 || serial_type == 9) return {Kind::integer, serial_type - 8, 0};
  if (serial_type >= 1 && serial_type <= 6) return {Kind::integer, 0, kIntegerBytes[serial_type]};
  return {};
}

}  // namespace labreel
