// Fuzz target: a sealed reel with any bytes changed, or cut, is read, searched, hashed and checked without a fault.
#include <cstddef>
#include <cstdint>

#include "patched_file.h"
#include "store/reel_check.h"
#include "store/reel_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  static const Recording recording{true};
  static PatchedFile file{recording.reel()};
  file.patch(data, size);
  if (const auto reader = ReelReader::open(recording.reel())) {
    read_all_events(*reader);
    (void)reader->event_at(Seq{7});
    (void)reader->last_at_or_before(LabTime{20});
    (void)reader->digest_at(reader->end().last);
  }
  (void)check_reel(recording.reel());
  return 0;
}
