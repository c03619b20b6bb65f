// Fuzz target: a kind and any bytes as its body decode or are refused; what decodes encodes to something that decodes alike.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/core/check.h"
#include "store/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  if (size == 0) return 0;
  const auto body = decode(data[0], {reinterpret_cast<const std::byte*>(data + 1), size - 1});
  if (!body) {
    LABREEL_CHECK(!body.error().what.empty());
    return 0;
  }
  const std::string again = encode(*body);
  const auto back = decode(data[0], {reinterpret_cast<const std::byte*>(again.data()), again.size()});
  LABREEL_CHECK(back.ok() && encode(*back) == again);
  return 0;
}
