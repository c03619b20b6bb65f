// The ring's bytes, for its two sides.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "store/format.h"
#include "store/ring.h"
#include "store/xxh3.h"

namespace labreel {

//       0  RingHead: written once
//    4096  Ring::Live: changes all the time
//    8192  notes: 64 KiB
//   73728  the data: entries of a Record and its payload, padded to 8 bytes
inline constexpr std::uint64_t kRingLiveAt = 4096;
inline constexpr std::uint64_t kRingNotesAt = 8192;
inline constexpr std::uint64_t kRingNotes_bytes = 64 << 10;
inline constexpr std::uint64_t kRingDataAt = kRingNotesAt + kRingNotes_bytes;
inline constexpr char kRingMagic[16] = {'l', 'a', 'b', 'r', 'e', 'e', 'l', ' ', 'r', 'i', 'n', 'g', '\n', '\0', '\0', '\1'};

struct RingHead {
  char magic[16];
  std::uint32_t version;
  std::uint32_t pid;
  Word128 lab_id;
  std::uint64_t data_bytes;
  char boot_id[64];
  char control_socket[256];
  std::uint64_t hash;  // XXH3-64 of all before
};
static_assert(sizeof(RingHead) == 376 && sizeof(RingHead) < kRingLiveAt);

inline std::uint64_t hash_of(const RingHead& head) { return xxh3_64(&head, offsetof(RingHead, hash)); }

// While an entry waits in the ring, its record's payload_offset holds a check instead: the low 32 bits of XXH3-64 over the
// whole entry, with this in its place. So a stale entry, or one of another lab, never passes for the one that should be there.
inline std::uint32_t entry_key(const Word128& lab_id, std::uint64_t seq) {
  return static_cast<std::uint32_t>(lab_id.low ^ (lab_id.low >> 32U) ^ seq);
}
inline std::uint32_t entry_check(const std::byte* entry, std::uint64_t bytes) {
  return static_cast<std::uint32_t>(xxh3_64(entry, bytes));
}

// How many events were refused, in one word that guards itself: the number, with its check above it.
inline constexpr std::uint64_t kRefusedMax = 0xFFFFFFFF;
inline std::uint64_t refused_word(std::uint64_t events) {
  const std::uint64_t number = std::min(events, kRefusedMax);
  return number == 0 ? 0 : number | (xxh3_64(&number, sizeof(number)) << 32U);
}

// A note in the ring: this, then the kind, then the detail, padded to 8 bytes.
struct RingNote {
  std::uint64_t hash;  // XXH3-64 of all behind it
  std::uint64_t number;
  std::uint64_t after;
  std::uint32_t kind_bytes;
  std::uint32_t detail_bytes;
};
static_assert(sizeof(RingNote) == 32);

}  // namespace labreel
