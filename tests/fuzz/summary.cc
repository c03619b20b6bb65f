// Fuzz target: any frame has a one-line summary that no byte of it can break out of, and fields that lie within it.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/check.h"
#include "engine/text/text.h"
#include "replay/packet_fields.h"
#include "replay/summary/summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const labreel::Bytes frame = std::as_bytes(std::span{data, size});
  for (const std::size_t beyond : {std::size_t{0}, std::size_t{1}, std::size_t{1500}}) {
    const std::string line = labreel::summarise_frame(frame, static_cast<std::uint32_t>(size + beyond));
    LABREEL_CHECK(!line.empty());
    LABREEL_CHECK(labreel::printable(line) == line);
  }
  const auto fields = labreel::packet_fields(frame);
  LABREEL_CHECK(fields.has_value() == (size >= 14));
  if (!fields) return 0;
  const bool payload_is_inside = fields->payload.empty() || (fields->payload.data() >= frame.data() &&
                                                             fields->payload.size() <= frame.size());
  LABREEL_CHECK(payload_is_inside);
  LABREEL_CHECK(labreel::conversation_of(*fields).has_value() == !labreel::address_text(fields->source).empty());
  return 0;
}
