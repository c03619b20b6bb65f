// What a query cannot keep in memory goes where no name is.
#include "store/scratch.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "store/sql_database.h"
#include "test_reel.h"

namespace labreel {
namespace {

// How many bytes lie in this process's files without a name in a folder.
std::uint64_t unnamed_bytes() {
  std::uint64_t blocks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    struct stat about {};
    if (::stat(entry.path().c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_nlink == 0) blocks += static_cast<std::uint64_t>(about.st_blocks);
  }
  return blocks * 512;
}

}  // namespace

TEST_CASE("a scratch file keeps what is written anywhere in it, and gives its room back") {
  const auto file = ScratchFile::make();
  REQUIRE(file);
  const std::string long_text(3 << 20, 'x');
  REQUIRE(file->write(10, "begin", 5) == 0);
  REQUIRE(file->write(5'000'000, long_text.data(), long_text.size()) == 0);
  CHECK(file->size() == 5'000'000 + long_text.size());
  std::string text(long_text.size(), '?');
  REQUIRE(file->read(5'000'000, text.data(), text.size()) == 0);
  CHECK(text == long_text);
  REQUIRE(file->read(8, text.data(), 8) == 0);
  CHECK(text.substr(0, 8) == std::string("\0\0begin\0", 8));
  file->truncate(12);
  CHECK(file->size() == 12);
  REQUIRE(file->read(10, text.data(), 4) == 0);
  CHECK(text.substr(0, 4) == std::string("be\0\0", 4));
}

TEST_CASE("a child's scratch file is not its parent's") {
  const auto parents = ScratchFile::make();
  REQUIRE(parents->write(0, "parent", 6) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = ScratchFile::make();
    ::_exit(file && file->write(0, "child!", 6) == 0 ? 0 : 1);
  }
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  std::string text(6, '?');
  REQUIRE(parents->read(0, text.data(), text.size()) == 0);
  CHECK(text == "parent");
}

TEST_CASE("a query that sorts more than memory holds needs no name for it, once scratch was prepared") {
  prepare_scratch();
  ::setenv("TMPDIR", "/proc/no/such/folder", 1);
  SqlDatabase database{SqlSchema{}};
  REQUIRE_FALSE(database.prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
                                 "SELECT i * 7919 % 60000 AS k, hex(zeroblob(500)) FROM n ORDER BY k"));
  const std::uint64_t before = unnamed_bytes();
  std::vector<SqlValue> row;
  std::int64_t last = -1;
  std::size_t rows = 0;
  std::uint64_t most = 0;
  for (auto more = database.step(row); more && *more; more = database.step(row), ++rows) {
    if (rows == 100) most = unnamed_bytes();
    REQUIRE(std::get<std::int64_t>(row[0]) >= last);
    last = std::get<std::int64_t>(row[0]);
  }
  ::unsetenv("TMPDIR");
  CHECK(rows == 60'000);
  CHECK(most > before + (20 << 20));
}

}  // namespace labreel
