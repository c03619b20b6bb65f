// Fuzz target: a reel with small database pages, compressed pages and blobs, of which any bytes are changed, or cut: it is
// read, searched and checked without a fault, and every chunk that is read is one that was put.
#include <cstddef>
#include <cstdint>

#include "patched_file.h"
#include "store/blobs.h"
#include "store/reel_check.h"
#include "store/reel_reader.h"
#include "store/reel_rewrite.h"

namespace labreel {
namespace {

struct Demo {
  Recording recording{true};
  const std::string chunk = std::string(3'000, 'c');
  Demo() {
    put_blobs();
    LABREEL_CHECK(settle_reel(recording.reel(), Pages::compressed).ok());
  }
  // The writer holds the reel's lock until it goes.
  void put_blobs() const {
    const auto writer = BlobWriter::open(recording.reel());
    LABREEL_CHECK(writer.ok());
    LABREEL_CHECK((*writer)->put("image", "layer", 0, chunk).ok());
    LABREEL_CHECK((*writer)->put("snapshot", "memory", 8, chunk).ok());
    LABREEL_CHECK((*writer)->commit().ok());
  }
};

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  static const Demo demo;
  static PatchedFile file{demo.recording.reel()};
  file.patch(data, size);
  if (const auto reader = ReelReader::open(demo.recording.reel())) {
    read_all_events(*reader);
    (void)reader->last_at_or_before(LabTime{20});
  }
  if (const auto blobs = Blobs::open(demo.recording.reel())) {
    for (const BlobUse& use : blobs->uses()) {
      const auto content = blobs->read(use);
      LABREEL_CHECK(!content || *content == demo.chunk);
    }
  }
  (void)check_reel(demo.recording.reel());
  return 0;
}
