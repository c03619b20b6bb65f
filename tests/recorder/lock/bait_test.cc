// A reel whose journal names another file, read by a store without its guard of journals: the lock alone must hold.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "recorder/lock/reader_lock.h"
#include "store/reel_files.h"
#include "store/reel_reader.h"
#include "store/reel_writer.h"
#include "store/scratch.h"
#include "tests/store/hostile_journal.h"
#include "tests/temp_folder.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

// A reel with bait beside it, and the file that the bait is to have deleted.
class Bait {
 public:
  Bait() {
    {
      const auto writer = ReelWriter::create(reel(), {});
      writer->append(LabTime{1}, {}, Marker{"one", ""});
      writer->seal();
    }
    std::ofstream(canary()) << "precious";
    put_hostile_journal(reel(), canary());
  }
  std::string reel() const { return folder_ / "a.reel"; }
  std::string canary() const { return folder_ / "canary"; }

 private:
  TempFolder folder_;
};

// As a verb reads it: files first, then the lock, then the reel. Returns the child's exit code.
int read_locked(const std::string& reel, std::optional<LockParts> parts) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto files = ReelFiles::take(reel);
    if (!files) ::_exit(50);
    prepare_scratch();
    if (parts) lock_reader(*parts);
    ::_exit(ReelReader::open(*files).ok() ? 0 : 51);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

TEST_CASE("without the guard of journals and without a lock, a reel deletes a file", "[lock]") {
  const Bait bait;
  CHECK(read_locked(bait.reel(), std::nullopt) == 0);
  CHECK_FALSE(fs::exists(bait.canary()));
}

TEST_CASE("without the guard of journals, each half of the lock alone keeps a reel from deleting a file", "[lock]") {
  const LockParts parts = GENERATE(LockParts::both, LockParts::landlock, LockParts::call_filter);
  CAPTURE(static_cast<int>(parts));
  const Bait bait;
  const int code = read_locked(bait.reel(), parts);
  CHECK(code != 50);  // it came as far as reading
  CHECK(code != 128);
  CHECK(fs::exists(bait.canary()));
}

}  // namespace labreel
