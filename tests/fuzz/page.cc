// Fuzz target: any bytes as a page. Its hash is mended first, so that what is behind the hash is reached.
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/core/check.h"
#include "store/page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  PageBuffer page;
  std::byte* const image = page.resize(size);
  if (size != 0) std::memcpy(image, data, size);
  if (size > 32) {
    const XXH128_hash_t hash = XXH3_128bits(image + 32, size - 32);
    std::memcpy(image + 16, &hash.low64, sizeof(hash.low64));
    std::memcpy(image + 24, &hash.high64, sizeof(hash.high64));
  }
  const auto view = PageView::check(page);
  if (!view) {
    LABREEL_CHECK(!view.error().what.empty());
    return 0;
  }
  for (std::uint64_t seq = view->head().first_seq; seq <= view->head().last_seq(); ++seq) {
    const auto event = event_of(*view, seq);
    if (!event) continue;
    if (const auto* frame = std::get_if<Frame>(&event->body)) {
      for (const Copy& copy : frame->copies) LABREEL_CHECK(static_cast<std::size_t>(copy.reason) < kReasonCount);
    }
  }
  return 0;
}
