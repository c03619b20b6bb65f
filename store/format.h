// The numbers and layouts of the reel's format that its parts share. FORMAT.md explains them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/event.h"

namespace labreel {

static_assert(std::endian::native == std::endian::little, "pages are written as they lie in memory");

inline constexpr std::uint32_t kFormatVersion = 2;        // SQLite's user_version, and in every page
inline constexpr std::uint16_t kNotesSinceVersion = 2;    // kinds from kFirstNote on
inline constexpr std::uint16_t kCodecsSinceVersion = 2;   // compressed pages
inline constexpr std::uint32_t kApplicationId = 0x5265656C;  // SQLite's application_id: "Reel"
inline constexpr std::uint64_t kEventsPerBlock = 4096;    // of the digest
inline constexpr int kDatabasePage_bytes = 65536;         // SQLite's, of a reel that is written
// Of a small reel once it is sealed: without and with tables beside the fixed ones, whose list must fit the first page.
inline constexpr std::array<int, 2> kSmallPage_bytes{2048, 4096};

// 128 bits that name a lab, or a hash of XXH3.
struct Word128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const Word128&) const = default;
};

// One event of a page, as it is stored.
//
// Shape: `subject` is the event's own node, port, link or lan, else kNoSubject; `payload_offset` counts from the start of
//        the page's payload and is a multiple of 8.
// Source: FORMAT.md, "Records"; struct Record of schema/event.capnp.
struct Record {
  std::uint64_t time_ns = 0;
  std::uint64_t cause = 0;
  std::uint8_t kind = 0;
  std::uint8_t flags = 0;
  std::uint16_t copies = 0;
  std::uint32_t subject = 0;
  std::uint32_t payload_offset = 0;
  std::uint32_t payload_length = 0;
  bool operator==(const Record&) const = default;
};
static_assert(sizeof(Record) == 32);

inline constexpr std::uint32_t kNoSubject = 0xFFFFFFFF;

// Flags of a record. An unknown flag is refused.
enum RecordFlag : std::uint8_t {
  kCutShort = 1U << 0,  // a frame whose bytes were dropped from some point on: its wire length follows the copies
};

constexpr std::uint64_t padded(std::uint64_t bytes) { return (bytes + 7) & ~std::uint64_t{7}; }

// The files beside a reel while it is recorded.
inline std::string ring_path_of(const std::string& reel) { return reel + "-ring"; }
inline std::string journal_path_of(const std::string& reel) { return reel + "-journal"; }

}  // namespace labreel
