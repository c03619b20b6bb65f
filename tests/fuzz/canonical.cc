// Fuzz target: the reader of event bodies that WebAssembly has reads any bytes as Cap'n Proto does: the same event, or both
// refuse. And its SHA-256 is OpenSSL's, in whichever pieces the bytes come.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/core/check.h"
#include "store/codec.h"
#include "store/format/canonical_codec.h"
#include "store/format/sha256.h"
#include "store/sha256.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  if (size == 0) return 0;
  const Bytes payload{reinterpret_cast<const std::byte*>(data + 1), size - 1};
  const auto theirs = decode(data[0], payload);
  const auto ours = canonical::decode(data[0], payload);
  LABREEL_CHECK(theirs.ok() == ours.ok());
  if (theirs) {
    LABREEL_CHECK(kind_of(*theirs) == kind_of(*ours));
    LABREEL_CHECK(encode(*theirs) == encode(*ours));
  } else {
    LABREEL_CHECK(!ours.error().what.empty());
  }

  const std::size_t first = std::min<std::size_t>(data[0], payload.size());
  PlainSha256 hash;
  hash.update(payload.first(first));
  hash.update(payload.subspan(first));
  const Sha256 whole = sha256_of({reinterpret_cast<const char*>(payload.data()), payload.size()});
  LABREEL_CHECK(hash.finish() == whole);
  return 0;
}
