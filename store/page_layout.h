// How a page lies in its bytes, for those who lay one out and those who take one apart.
// Source: FORMAT.md, "Pages".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "store/page.h"
#include "store/xxh3.h"

namespace labreel {

// A page, byte by byte:
//      0  stream header: 0 (one segment), its size in words
//      8  root pointer: a struct with 12 words of data and 2 pointers
//     16  PageHead; the hash covers all from byte 32 on
//    112  pointer to the records: a list of structs; null in a compressed page
//    120  pointer to the payload: a list of bytes
//    128  the records' tag: how many, of 4 words each; in a compressed page one frame of zstd, padded with zeros
//    136  the records, then the payload
inline constexpr std::size_t kPageRootAt = 8;
inline constexpr std::size_t kPageHeadAt = 16;
inline constexpr std::size_t kPageHashedFrom = kPageHeadAt + sizeof(Word128);
inline constexpr std::size_t kPagePointersAt = kPageHeadAt + sizeof(PageHead);
inline constexpr std::size_t kPackedAt = kPagePointersAt + 16;  // of a compressed page
static_assert(kPagePointersAt + 24 == kPageOverhead);

inline constexpr std::uint64_t kPageRoot = (std::uint64_t{sizeof(PageHead) / 8} << 32U) | (std::uint64_t{2} << 48U);

// The words that follow from a page's counts alone.
struct PagePointers {
  std::uint64_t records;
  std::uint64_t payload;
  std::uint64_t tag;
  bool operator==(const PagePointers&) const = default;
};

constexpr std::uint64_t list_pointer(std::uint64_t offset_words, std::uint64_t element_size, std::uint64_t size) {
  return 1U | (offset_words << 2U) | ((element_size | (size << 3U)) << 32U);
}
inline constexpr std::uint64_t kListOfBytes = 2;
inline constexpr std::uint64_t kListOfStructs = 7;

constexpr PagePointers pointers_for(std::uint64_t count, std::uint64_t payload_bytes) {
  const std::uint64_t record_words = count * (sizeof(Record) / 8);
  return {.records = list_pointer(1, kListOfStructs, record_words),
          .payload = list_pointer(1 + record_words, kListOfBytes, payload_bytes),
          .tag = (count << 2U) | (std::uint64_t{sizeof(Record) / 8} << 32U)};
}

constexpr std::uint64_t stream_header(std::uint64_t page_bytes) { return (page_bytes / 8 - 1) << 32U; }

inline Word128 hash_of_page(Bytes image) {
  const XXH128_hash_t hash = xxh3_128(image.data() + kPageHashedFrom, image.size() - kPageHashedFrom);
  return {hash.low64, hash.high64};
}

inline Error damaged_page(const std::string& what, std::size_t byte) {
  return {ErrorKind::input, what, "byte " + std::to_string(byte)};
}

}  // namespace labreel
