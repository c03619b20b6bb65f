// Fuzz target: a dead recorder's ring with any bytes changed, or cut, gives a prefix of what was appended.
#include <cstddef>
#include <cstdint>

#include "patched_file.h"
#include "store/reel_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  static const Recording recording{false};
  static PatchedFile file{recording.ring()};
  file.patch(data, size);
  const auto reader = ReelReader::open(recording.reel());
  LABREEL_CHECK(reader.ok());
  auto cursor = reader->events();
  Event event{};
  std::uint64_t seq = 0;
  for (auto more = cursor.next(event); more && *more; more = cursor.next(event)) LABREEL_CHECK(event.seq.value == ++seq);
  LABREEL_CHECK(seq == reader->end().last.value);
  return 0;
}
