// Fuzz target: any frame has a one-line summary that no byte of it can break out of.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/check.h"
#include "replay/summary/summary.h"
#include "replay/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const labreel::Bytes frame = std::as_bytes(std::span{data, size});
  for (const std::size_t beyond : {std::size_t{0}, std::size_t{1}, std::size_t{1500}}) {
    const std::string line = labreel::summarise_frame(frame, static_cast<std::uint32_t>(size + beyond));
    LABREEL_CHECK(!line.empty());
    LABREEL_CHECK(labreel::printable(line) == line);
  }
  return 0;
}
