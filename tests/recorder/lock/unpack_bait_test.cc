// A reel whose packed file names a way out, unpacked by a program without its check of names: the lock alone must hold.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "recorder/lock/reader_lock.h"
#include "recorder/pack/unpack_files.h"
#include "store/reel_files.h"
#include "store/reel_writer.h"
#include "store/scratch.h"
#include "tests/store/packing.h"
#include "tests/temp_folder.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

// A reel with a file that unpacks over the canary, which lies beside the folder that it is unpacked into.
class Bait {
 public:
  explicit Bait(const std::string& name) {
    {
      const auto writer = ReelWriter::create(reel(), {});
      writer->append(LabTime{1}, {}, Marker{"one", ""});
      writer->seal();
    }
    fs::create_directory(out());
    std::ofstream(canary()) << "precious";
    REQUIRE(pack(reel(), {file_of("fine", "1"), file_of(name, "evil")}).ok());
  }
  std::string reel() const { return folder_ / "a.reel"; }
  std::string out() const { return folder_ / "out"; }
  std::string canary() const { return folder_ / "canary"; }
  std::string canary_text() const {
    std::string text;
    std::ifstream(canary()) >> text;
    return text;
  }

 private:
  TempFolder folder_;
};

// As `unpack --force` does it: files first, then the lock, then the reel. Returns the child's exit code.
int unpack_in_child(const Bait& bait, bool locks) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto taken = ReelFiles::take(bait.reel());
    if (!taken) ::_exit(50);
    prepare_scratch();
    if (locks && lock_reader_beneath(bait.out()).landlock_abi == 0) ::_exit(51);
    const auto files = PackedFiles::open(*taken);
    if (!files || files->entries().size() != 2) ::_exit(52);
    try {
      ::_exit(unpack_files(*files, bait.out(), ExistingFiles::replace).ok() ? 0 : 53);
    } catch (const std::system_error& refused) {
      ::_exit(refused.code().value() == EACCES ? 60 : 54);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

TEST_CASE("without the check of names and without the lock, a packed file is written over one outside", "[lock]") {
  const Bait bait{"../canary"};
  CHECK(unpack_in_child(bait, false) == 0);
  CHECK(bait.canary_text() == "evil");
}

TEST_CASE("without the check of names, the lock keeps unpack beneath its folder", "[lock]") {
  const std::string name = GENERATE("../canary", "a/../../canary", "../new/file", "../a.reel");
  CAPTURE(name);
  const Bait bait{name};
  CHECK(unpack_in_child(bait, true) == 60);
  CHECK(bait.canary_text() == "precious");
  CHECK_FALSE(fs::exists(fs::path{bait.canary()}.parent_path() / "new"));
  CHECK(fs::file_size(bait.reel()) > 4);
}

}  // namespace labreel
