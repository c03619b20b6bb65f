#include "engine/core/random.h"

#include "engine/core/arithmetic.h"

namespace labreel {

std::uint64_t below(std::uint64_t random, std::uint64_t bound) {
  return static_cast<std::uint64_t>((static_cast<Wide>(random) * bound) >> 64U);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view port, Direction direction) : key_(mix(seed)) {
  for (const char letter : port) key_ = mix(key_ ^ static_cast<unsigned char>(letter));
  key_ = mix(key_ ^ (0x100U + static_cast<std::uint64_t>(direction)));
}

}  // namespace labreel
