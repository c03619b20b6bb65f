// Fuzz target: a reel with packed files whose bytes are changed, or cut: the list and each file are read, or refused; what is read
// is what was packed.
#include <cstddef>
#include <cstdint>
#include <map>

#include "patched_file.h"
#include "store/packed_files.h"
#include "store/reel_check.h"

namespace labreel {
namespace {

const std::map<std::string, std::string>& contents() {
  static const std::map<std::string, std::string> kContents{
      {"lab.yml", "name: lab\n"}, {"r1/frr.conf", std::string(500, 'f')}, {"notes.txt", ""}};
  return kContents;
}

// A recording with files in it.
struct Demo {
  Recording recording{true};
  Demo() {
    auto next = contents().begin();
    const Result<std::size_t> packed = pack_files(
        recording.reel(),
        [&](PackedFile& file) -> Result<bool> {
          if (next == contents().end()) return false;
          file = {{next->first, 0644, 1, next->second.size()}, next->second};
          ++next;
          return true;
        },
        PackedBefore::refuse);
    LABREEL_CHECK(packed && *packed == contents().size());
  }
};

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  static const Demo demo;
  static PatchedFile file{demo.recording.reel()};
  file.patch(data, size);
  if (const auto files = PackedFiles::open(demo.recording.reel())) {
    for (const PackedEntry& entry : files->entries()) {
      LABREEL_CHECK(check_packed_name(entry.name).ok());
      const Result<std::string> content = files->read(entry);
      LABREEL_CHECK(!content || content->size() == entry.bytes);
    }
  }
  (void)check_reel(demo.recording.reel());
  return 0;
}
