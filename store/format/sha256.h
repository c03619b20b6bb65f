// SHA-256, for WebAssembly; everywhere else it is OpenSSL's (store/sha256.h has both).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/core/event.h"

namespace labreel {

// Shape:  a copy goes on by itself, from where it was made.
// Source: FIPS 180-4, sections 5.1.1 and 6.2. Held equal to OpenSSL by tests/store/canonical_test.cc and tests/fuzz/canonical.cc.
class PlainSha256 {
 public:
  void update(Bytes bytes);
  // The hash of all that was given; call once, and nothing after it.
  std::array<std::uint8_t, 32> finish();

 private:
  static constexpr std::size_t kBlock_bytes = 64;
  void take_block(const std::byte* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, kBlock_bytes> pending_{};
  std::size_t pending_bytes_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace labreel
