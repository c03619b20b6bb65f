// XXH3 with the widest vectors that this processor has: the library by itself takes those that all have. The hashes are the
// same.
#pragma once

#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>  // renames XXH3_64bits and its kin to functions that look first
#endif

#include <array>
#include <cstddef>
#include <cstdint>

namespace labreel {

namespace xxh3 {

constexpr std::size_t kShort_bytes = 240;  // up to here the library takes no vectors

#if defined(__x86_64__)
inline const bool kHasAvx = __builtin_cpu_supports("avx") != 0;
// The library leaves the upper halves of the vector registers used; after that every older instruction of the thread, and
// so all of our code, is slower, for good.
inline void leave_vectors() {
  if (kHasAvx) asm volatile("vzeroupper");
}
#else
inline void leave_vectors() {}
#endif

}  // namespace xxh3

inline std::uint64_t xxh3_64(const void* data, std::size_t bytes) {
  const std::uint64_t hash = XXH3_64bits(data, bytes);
  if (bytes > xxh3::kShort_bytes) xxh3::leave_vectors();
  return hash;
}
inline XXH128_hash_t xxh3_128(const void* data, std::size_t bytes) {
  const XXH128_hash_t hash = XXH3_128bits(data, bytes);
  if (bytes > xxh3::kShort_bytes) xxh3::leave_vectors();
  return hash;
}

namespace xxh3 {

// The first long hash looks what the processor has, and is not safe beside another: it is made before there are threads.
inline const bool kHasLooked = [] {
  constexpr std::array<char, 2 * kShort_bytes> kLong{};
  return xxh3_64(kLong.data(), kLong.size()) != 0 && xxh3_128(kLong.data(), kLong.size()).low64 != 0;
}();

}  // namespace xxh3
}  // namespace labreel
