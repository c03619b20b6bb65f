// Fuzz target: any bytes are read as JSON or refused with their byte; what was read is written, and is then read as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/core/check.h"
#include "engine/text/json_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const JsonLimits limits{.bytes_max = 100'000, .values_max = 2'000, .depth_max = 16};
  const Result<JsonValue> value = read_json(text, limits);
  if (!value) {
    LABREEL_CHECK(value.error().kind == ErrorKind::input && !value.error().what.empty());
    LABREEL_CHECK(value.error().place.starts_with("byte "));
    return 0;
  }
  const std::string written = to_json(*value);
  const Result<JsonValue> again = read_json(written);
  LABREEL_CHECK(again.ok() && *again == *value);
  LABREEL_CHECK(to_json(*again) == written);
  return 0;
}
