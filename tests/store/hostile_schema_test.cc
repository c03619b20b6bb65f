// Tables that are not a reel's: SQLite would run what they say, so it does not see them; the events are read all the same.
#include <ctime>

#include "sealed_reel.h"
#include "store/database.h"
#include "store/open_reel.h"
#include "store/packed_files.h"
#include "store/reel_check.h"
#include "store/reel_tables.h"
#include "store/schema_guard.h"

namespace labreel {
namespace {

// The place of the nth table that is none of a reel's own.
std::string row_behind(std::size_t nth) { return "table sqlite_schema, row " + std::to_string(reel_tables().size() + nth); }

// Another text for a table, which SQLite reads with the table's rows.
void rewrite(const std::string& path, const std::string& table, const std::string& create) {
  sql(path, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '" + create + "' WHERE name = '" + table + "'");
}

const std::string kNoteColumns = "number INTEGER PRIMARY KEY, after_seq INTEGER, kind TEXT, ";

// What a reader says, and what it costs: memory of SQLite's, and the processor's time.
struct Cost {
  std::int64_t bytes = 0;
  double seconds = 0;
};
Cost check_read(const Sealed& reel, const std::string& place) {
  sqlite3_memory_highwater(1);
  const std::clock_t begin = std::clock();
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  REQUIRE(reader->end().damage);
  CHECK(has(reader->end().damage->place, place));
  CHECK_FALSE(reader->end().complete);
  const ReadReel read = read_all(*reader);
  CHECK(read.events.size() == reel.events.size());
  CHECK(has(PackedFiles::open(reel.path).error().place, place));
  const auto report = check_reel(reel.path);
  REQUIRE(report.ok());
  REQUIRE_FALSE(report->findings.empty());
  CHECK(has(report->findings[0].place, place));
  return {sqlite3_memory_highwater(0), static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC};
}

}  // namespace

TEST_CASE("a column that is computed is not computed: no memory, no time, and every event is read") {
  const Sealed reel{40};
  rewrite(reel.path, "note",
          "CREATE TABLE note (" + kNoteColumns + "detail AS (printf(''%.*c'',600000000,''x'')), hash INTEGER)");
  const Cost memory = check_read(reel, "table sqlite_schema, row 4");
  CHECK(memory.bytes < 64 << 20);
  write_file(reel.path, reel.bytes);
  rewrite(reel.path, "meta",
          "CREATE TABLE meta (id INTEGER PRIMARY KEY, lab_id BLOB, state TEXT, last_seq INTEGER, pages INTEGER, notes INTEGER, "
          "digest TEXT, hash AS (instr(printf(''%.*c'',1e7,''a''),printf(''%.*c'',5e6,''a'')||''b'')))");
  const Cost time = check_read(reel, "table sqlite_schema, row 1");
  CHECK(time.seconds < 20);  // it was without end
}

TEST_CASE("statistics that SQLite reads as soon as it opens a file are not read") {
  const Sealed reel{40};
  sql(reel.path, "CREATE TABLE mine (tbl, idx, stat); INSERT INTO mine VALUES ('page', NULL, '1')");
  sql(reel.path, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = 'sqlite_stat1', tbl_name = 'sqlite_stat1', "
                 "sql = 'CREATE TABLE sqlite_stat1(tbl, idx, stat AS (printf(''%.*c'',600000000,''x'')))' WHERE name = 'mine'");
  CHECK(check_read(reel, row_behind(1)).bytes < 64 << 20);
}

TEST_CASE("views, triggers, indexes, virtual tables and other schemas keep SQLite away from a reel") {
  const Sealed reel{40};
  const auto refused_after = [&](const std::string& change, const std::string& place) {
    INFO(change);
    write_file(reel.path, reel.bytes);
    sql(reel.path, change);
    check_read(reel, place);
  };
  refused_after("CREATE VIEW sight AS SELECT * FROM page", row_behind(1));
  refused_after("CREATE TRIGGER fires INSERT ON page BEGIN SELECT 1; END", row_behind(1));
  refused_after("CREATE INDEX sorted ON note (length(detail))", row_behind(1));
  refused_after("CREATE VIRTUAL TABLE words USING fts5(word)", row_behind(1));
  refused_after("CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT)", row_behind(2));
  refused_after("CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data AS (zeroblob(9)))", row_behind(1));
  refused_after("DROP TABLE note; CREATE VIEW note AS SELECT 1", row_behind(0));
  refused_after("PRAGMA journal_mode = WAL; CREATE TABLE x (y)", "byte 18");
}

TEST_CASE("a plain table that somebody added is a finding, and the reel is read as ever") {
  const Sealed reel{40};
  sql(reel.path, "CREATE TABLE remarks (who TEXT, what TEXT)");
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  CHECK_FALSE(reader->end().damage);
  CHECK(reader->end().complete);
  CHECK(has(check_reel(reel.path)->findings.at(0).place, row_behind(1)));
}

TEST_CASE("many long host notes are damage before they fill the memory") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 10);
  {
    Database database = Database::open_copy(path);
    Statement insert{database, "INSERT INTO note VALUES (?, 1, 'long', ?, ?)"};
    const std::string detail(kNoteBytes_max - 4096, 'n');
    database.run("BEGIN");
    const auto first = static_cast<std::uint64_t>(database.number("SELECT count(*) + 1 FROM note"));
    for (std::uint64_t number = first; number < first + 9; ++number) {
      insert.bind(1, number).bind(2, std::string_view{detail}).bind(3, note_check(number, 1, "long", detail));
      insert.execute();
    }
    database.run("COMMIT");
  }
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  REQUIRE(reader->end().damage);
  CHECK(has(reader->end().damage->what, "longer than any recorder's"));
  CHECK(reader->notes().size() < 12);
}

TEST_CASE("one host note that is too long is damage, and is not gathered") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 10);
  sql(path, "INSERT INTO note SELECT count(*) + 1, 1, 'long', printf('%.*c', 40000000, 'n'), 0 FROM note");
  sqlite3_memory_highwater(1);
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  REQUIRE(reader->end().damage);
  CHECK(has(reader->end().damage->place, "table note"));
  CHECK(sqlite3_memory_highwater(0) < 30 << 20);
}

TEST_CASE("a recorder writes no host notes that its readers would refuse, and says so in a note") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path);
    writer->note("long", std::string(kNoteBytes_max, 'n'));
    const std::string detail(kNoteBytes_max / 2, 'n');
    for (std::uint64_t i = 0; i < 20; ++i) writer->note("half", detail);
    writer->note("short", "");
    writer->seal();
    REQUIRE(writer->state().failure.empty());
  }
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  CHECK_FALSE(reader->end().damage);
  CHECK(reader->notes().front().kind == "note-left-out");
  std::size_t said = 0;
  for (const HostNote& note : reader->notes()) said += note.kind == "notes-left-out" ? 1 : 0;
  CHECK(said == 1);
  CHECK(reader->notes().back().kind == "short");
  CHECK(reader->notes().size() < 20);
}

TEST_CASE("a tree whose branches meet again is not walked for ever") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 10);
  const auto bytes = *ReelBytes::of(descriptor_of(path), path);
  Database database = Database::open_bytes(bytes);
  try {
    database.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
    FAIL("it came to an end");
  } catch (const DatabaseError& error) {
    CHECK(has(error.what(), "longer than in any reel of this size"));
  }
  CHECK(database.number("SELECT count(*) FROM meta") == 1);
}

}  // namespace labreel
