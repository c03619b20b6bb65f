// A journal beside a reel is what a stranger wants it to be: nothing in it reaches any file.
#include "hostile_journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "engine/os/system_call.h"
#include "sealed_reel.h"
#include "store/database.h"
#include "store/gathering_vfs.h"
#include "store/open_reel.h"
#include "store/packed_files.h"
#include "store/reel_check.h"
#include "store/reel_start.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

// A reel with the bait beside it, and the file that it is for.
struct Bait {
  Sealed reel{40};
  std::string canary = reel.folder.file("canary");
  std::string journal = reel.path + "-journal";
  Bait() {
    write_file(canary, "precious");
    put_hostile_journal(reel.path, canary);
  }
  bool is_untouched() const {
    return std::filesystem::exists(canary) && read_file(canary) == "precious" && read_file(reel.path) == reel.bytes &&
           std::filesystem::exists(journal);
  }
};

void check_refused(const Error& error, const Bait& bait) {
  CHECK(error.kind == ErrorKind::input);
  CHECK(has(error.place, bait.journal));
  CHECK(has(error.what, "names another file"));
  CHECK_FALSE(error.hint.empty());
}

// What SQLite itself makes of a reel and its journal: the bytes of the database afterwards.
std::string rolled_back_by_sqlite(const std::string& reel, const std::string& journal) {
  const TempFolder folder;
  const std::string copy = folder.file("copy");
  write_file(copy, reel);
  write_file(copy + "-journal", journal);
  {
    Database database = Database::open_copy(copy);
    try {
      database.number("SELECT count(*) FROM sqlite_schema");
    } catch (const DatabaseError&) {
      // The journal is played before the tables are looked at.
    }
  }
  return read_file(copy);
}

std::string rolled_back_by_us(const std::string& reel, const std::string& journal) {
  const TempFolder folder;
  const std::string path = folder.file("copy");
  write_file(path, reel);
  write_file(path + "-journal", journal);
  const auto bytes = ReelBytes::of(descriptor_of(path), descriptor_of(path + "-journal"), path);
  if (!bytes) return "refused: " + bytes.error().what;
  std::string all((*bytes)->size(), '?');
  CHECK((*bytes)->read(0, all.data(), all.size()) == static_cast<std::int64_t>(all.size()));
  return all;
}

}  // namespace

TEST_CASE("the bait works: SQLite, given it by name, deletes the file that the journal names") {
  const Bait bait;
  (void)Database::open_copy(bait.reel.path).number("SELECT count(*) FROM sqlite_schema");
  CHECK_FALSE(std::filesystem::exists(bait.canary));
}

TEST_CASE("a journal that names a file is refused by every reader with its place, and the file is there") {
  const Bait bait;
  check_refused(ReelReader::open(bait.reel.path).error(), bait);
  check_refused(PackedFiles::open(bait.reel.path).error(), bait);
  check_refused(check_reel(bait.reel.path).error(), bait);
  check_refused(repair_reel(bait.reel.path, bait.reel.folder.file("new.reel")).error(), bait);
  CHECK_FALSE(std::filesystem::exists(bait.reel.folder.file("new.reel")));
  CHECK(bait.is_untouched());
}

TEST_CASE("a journal that names a file is refused where a reel is gone on with or packed into, and the file is there") {
  const Bait bait;
  check_refused(reopen_reel(bait.reel.path).error(), bait);
  const auto none = [](PackedFile&) -> Result<bool> { return false; };
  check_refused(pack_files(bait.reel.path, none, PackedBefore::refuse).error(), bait);
  CHECK(bait.is_untouched());
}

TEST_CASE("a journal that is swapped for a hostile one just before a reel is opened in place reaches no other file") {
  const Bait bait;
  CHECK_THROWS_AS(Database::open_to_append(bait.reel.path), DatabaseError);
  CHECK(bait.is_untouched());
}

TEST_CASE("the recorder's VFS opens, sees and removes no file but the database and its own journal") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const std::string other = folder.file("other");
  write_file(path, "");
  write_file(other, "precious");
  const Database database = Database::create(path);
  sqlite3_vfs* const vfs = sqlite3_vfs_find(gathering_vfs());
  REQUIRE(vfs != nullptr);
  int is_there = 1;
  CHECK(vfs->xAccess(vfs, other.c_str(), SQLITE_ACCESS_EXISTS, &is_there) != SQLITE_OK);
  CHECK(vfs->xDelete(vfs, other.c_str(), 0) != SQLITE_OK);
  CHECK(vfs->xDelete(vfs, path.c_str(), 0) != SQLITE_OK);
  std::string room(static_cast<std::size_t>(vfs->szOsFile), '\0');
  auto* const file = reinterpret_cast<sqlite3_file*>(room.data());
  for (const int kind : {SQLITE_OPEN_SUPER_JOURNAL, SQLITE_OPEN_WAL, SQLITE_OPEN_MAIN_JOURNAL}) {
    CHECK(vfs->xOpen(vfs, other.c_str(), file, kind | SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK);
  }
  CHECK(read_file(other) == "precious");
}

TEST_CASE("a journal that no recorder leaves is refused with its place, however long it claims to be") {
  const Sealed reel{40};
  const auto pages = static_cast<std::uint32_t>(reel.bytes.size() / kDatabasePage_bytes);
  const auto refusal = [&](const std::string& journal) {
    write_file(reel.path + "-journal", journal);
    const auto reader = ReelReader::open(reel.path);
    REQUIRE_FALSE(reader.ok());
    CHECK(reader.error().kind == ErrorKind::input);
    CHECK(has(reader.error().place, "-journal: byte "));
    return reader.error().what;
  };
  CHECK(has(refusal(journal_head(0, 0, pages, 512, 4096)), "another size"));
  CHECK(has(refusal(journal_head(0, 0, pages, 32)), "sectors of 32 bytes"));
  CHECK(has(refusal(journal_head(0, 0, pages, 1 << 20)), "sectors of 1048576 bytes"));
  write_file(reel.path + "-journal", journal_head(0, 0, pages));
  REQUIRE(::truncate((reel.path + "-journal").c_str(), off_t{3} << 30) == 0);  // 3 GiB of nothing
  const auto reader = ReelReader::open(reel.path);
  REQUIRE_FALSE(reader.ok());
  CHECK(has(reader.error().what, "3221225472 bytes"));
  std::filesystem::remove(reel.path + "-journal");
  CHECK(ReelReader::open(reel.path).ok());
}

TEST_CASE("nothing is made in TMPDIR while a reel with a hot journal is read") {
  const Sealed reel{40};
  const TempFolder empty;
  write_file(reel.path + "-journal",
             journal_head(0, 0, static_cast<std::uint32_t>(reel.bytes.size() / kDatabasePage_bytes)));
  ::setenv("TMPDIR", empty.file("").c_str(), 1);
  const auto reader = ReelReader::open(reel.path);
  ::unsetenv("TMPDIR");
  REQUIRE(reader.ok());
  CHECK_FALSE(reader->end().damage);
  CHECK(empty.names().empty());
}

TEST_CASE("a hot journal, torn anywhere or damaged, is rolled back to the same bytes as by SQLite") {
  const Sealed reel{400};
  const std::string journal_path = reel.path + "-journal";
  std::string journal;
  std::string half;
  {
    Database database = Database::open_copy(reel.path);
    database.run("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN");
    database.run("UPDATE page SET image = zeroblob(length(image)); DELETE FROM note");
    journal = read_file(journal_path);
    half = read_file(reel.path);
  }
  REQUIRE(journal.starts_with(kJournalMagic));
  REQUIRE(half != reel.bytes);
  CHECK(rolled_back_by_us(half, journal) == reel.bytes);
  CHECK(rolled_back_by_sqlite(half, journal) == reel.bytes);
  const auto agree = [&](const std::string& changed) {
    const std::string ours = rolled_back_by_us(half, changed);
    if (ours.starts_with("refused")) return true;
    std::string theirs = rolled_back_by_sqlite(half, changed);
    theirs.resize(std::max(ours.size(), theirs.size()), '\0');
    return ours + std::string(theirs.size() - ours.size(), '\0') == theirs;
  };
  for (const std::size_t bytes : {std::size_t{28}, std::size_t{511}, std::size_t{512}, std::size_t{700}, journal.size() / 3,
                                  journal.size() / 2 + 1, journal.size() - 5, journal.size() - 1}) {
    INFO("cut to " << bytes);
    CHECK(agree(journal.substr(0, bytes)));
  }
  // The head's numbers, a page's number, a byte that its check covers, one that it does not, the check itself.
  for (const std::size_t at : {std::size_t{8}, std::size_t{11}, std::size_t{12}, std::size_t{18}, std::size_t{19}, std::size_t{515},
                               std::size_t{516 + 136}, std::size_t{516 + 137}, std::size_t{516 + 65'536}, journal.size() / 2}) {
    for (const int mask : {1, 0x80}) {
      INFO("byte " << at << ", mask " << mask);
      std::string changed = journal;
      changed[at] = static_cast<char>(changed[at] ^ mask);
      CHECK(agree(changed));
    }
  }
}

}  // namespace labreel
