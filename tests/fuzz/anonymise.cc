// Fuzz target: any bytes are a frame that can be anonymised: nothing is read behind them, nothing grows, and the same key gives
// the same bytes.
#include <cstddef>
#include <cstdint>

#include "engine/core/check.h"
#include "replay/anonymise/anonymise_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  // In memory of its own, so that a sanitizer sees a read behind the last byte.
  const std::vector<std::byte> frame{reinterpret_cast<const std::byte*>(data), reinterpret_cast<const std::byte*>(data) + size};
  const PseudonymKey key{1, 2, 3};
  Pseudonyms once{key};
  Pseudonyms again{key};
  const std::string anonymous = anonymise_frame(frame, once);
  LABREEL_CHECK(anonymous.size() <= size);
  LABREEL_CHECK(anonymous == anonymise_frame(frame, again));
  return 0;
}
