// Packed files: what goes in comes out, whatever goes wrong; and hostile archives are refused.
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <random>

#include "store/packed_files.h"
#include "store/reel_check.h"
#include "tests/store/packing.h"
#include "tests/store/test_reel.h"

namespace labreel {
namespace {

std::vector<PackedFile> unpacked(const std::string& reel) {
  const Result<PackedFiles> packed = PackedFiles::open(reel);
  REQUIRE(packed.ok());
  std::vector<PackedFile> files;
  for (const PackedEntry& entry : packed->entries()) {
    Result<std::string> content = packed->read(entry);
    REQUIRE(content.ok());
    files.push_back({entry, *content});
  }
  return files;
}

// What another tool, or an attacker, does to the database.
void run_sql(const std::string& reel, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(reel.c_str(), &connection) == SQLITE_OK);
  char* complaint = nullptr;
  const int code = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &complaint);
  INFO((complaint == nullptr ? "" : complaint));
  CHECK(code == SQLITE_OK);
  sqlite3_free(complaint);
  sqlite3_close(connection);
}

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return "x'" + text + "'";
}

// A row of sqlar as somebody else would write it.
std::string row(const std::string& name, const std::string& mode, const std::string& size, const std::string& data) {
  return "INSERT INTO sqlar VALUES ('" + name + "', " + mode + ", 0, " + size + ", " + data + ")";
}

void check_refused(const std::string& sql, const std::string& words) {
  CAPTURE(sql);
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  write_sealed(reel, 5);
  REQUIRE(pack(reel, {file_of("good", "good")}).ok());
  run_sql(reel, sql);
  const Result<PackedFiles> packed = PackedFiles::open(reel);
  REQUIRE_FALSE(packed.ok());
  CHECK_THAT(packed.error().place + ": " + packed.error().what, Catch::Contains(words));
  const Result<ReelReport> report = check_reel(reel);
  REQUIRE(report.ok());
  CHECK_FALSE(report->findings.empty());
  CHECK_FALSE(pack(reel, {file_of("more", "more")}).ok());
}

}  // namespace

TEST_CASE("files packed into a reel come out byte for byte, and the reel stays whole with its digest", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  const auto events = write_sealed(reel, 50);
  const Result<ReelReport> before = check_reel(reel);
  const std::vector<PackedFile> files{file_of("empty", ""), file_of("lab.yml", std::string(100'000, 'y')),
                                      file_of("r1/noise", random_bytes(300'000, 1), 0755)};
  const Result<std::size_t> written = pack(reel, files);
  REQUIRE(written.ok());
  CHECK(*written == 3);
  const auto out = unpacked(reel);
  REQUIRE(out.size() == 3);
  for (std::size_t i = 0; i < files.size(); ++i) {
    CHECK(out[i].about == files[i].about);
    CHECK(out[i].content == files[i].content);
  }
  const Result<ReelReport> after = check_reel(reel);
  REQUIRE(after.ok());
  CHECK(after->findings.empty());
  CHECK(after->digest == before->digest);
  CHECK(folder.names() == std::vector<std::string>{"a.reel"});
  const Result<ReelReader> reader = ReelReader::open(reel);
  REQUIRE(reader.ok());
  CHECK(read_all(*reader).events == events);
}

TEST_CASE("a reel without packed files has none, and another database is refused", "[pack]") {
  const TempFolder folder;
  write_sealed(folder.file("a.reel"), 3);
  CHECK(unpacked(folder.file("a.reel")).empty());
  write_file(folder.file("b.reel"), "this is no reel");
  CHECK_FALSE(PackedFiles::open(folder.file("b.reel")).ok());
  CHECK_FALSE(pack(folder.file("b.reel"), {}).ok());
}

TEST_CASE("the same file again changes nothing, another of its name is refused unless it may replace", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  write_sealed(reel, 3);
  REQUIRE(pack(reel, {file_of("a", "one"), file_of("b", "two")}).ok());
  const Result<std::size_t> again = pack(reel, {file_of("a", "one")});
  REQUIRE(again.ok());
  CHECK(*again == 0);
  const std::string bytes = read_file(reel);
  CHECK_FALSE(pack(reel, {file_of("c", "new"), file_of("a", "other")}).ok());
  CHECK(unpacked(reel).size() == 2);  // nothing of the refused ones is there
  REQUIRE(pack(reel, {file_of("a", "other")}, PackedBefore::replace).ok());
  CHECK(unpacked(reel).front().content == "other");
  CHECK(check_reel(reel)->findings.empty());
}

TEST_CASE("two files of one name, and a file that is another's folder, are refused when they are packed", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  write_sealed(reel, 3);
  CHECK_FALSE(pack(reel, {file_of("a", "1"), file_of("a", "2")}).ok());
  CHECK_FALSE(pack(reel, {file_of("a", "1"), file_of("a/b", "2")}).ok());
  CHECK_FALSE(pack(reel, {file_of("a/b", "1"), file_of("a", "2")}).ok());
  REQUIRE(pack(reel, {file_of("a", "1")}).ok());
  CHECK_FALSE(pack(reel, {file_of("a/b", "2")}).ok());
  CHECK(unpacked(reel).size() == 1);
}

TEST_CASE("a packed name leads beneath its folder or is refused", "[pack]") {
  for (const char* name : {"a", "a/b/c", "..a", "a..", ".hidden", "a b", "ä"}) {
    CAPTURE(name);
    CHECK(check_packed_name(name).ok());
  }
  const std::string with_nul{"a\0b", 3};
  for (const std::string& name :
       {std::string{}, std::string{"/"}, std::string{"/etc/passwd"}, std::string{".."}, std::string{"../a"},
        std::string{"a/../../b"}, std::string{"a/.."}, std::string{"./a"}, std::string{"a//b"}, std::string{"a/"},
        std::string{"a\nb"}, with_nul, std::string(256, 'n'), std::string(500, 'd') + "/" + std::string(600, 'n')}) {
    CAPTURE(name);
    CHECK_FALSE(check_packed_name(name).ok());
  }
}

TEST_CASE("hostile archives are refused: names, links, kinds, lengths", "[pack]") {
  check_refused(row("../evil", "33188", "1", "x'61'"), "`..`");
  check_refused(row("/etc/evil", "33188", "1", "x'61'"), "absolute");
  check_refused(row("link", "41471", "-1", "'/etc/passwd'"), "not one of an archive");
  check_refused(row("link", "41471", "1", "x'61'"), "symbolic link");
  check_refused(row("folder", "16877", "0", "x''"), "folder");
  check_refused(row("setuid", "35309", "1", "x'61'"), "permissions");
  check_refused(row("good/inside", "33188", "1", "x'61'"), "folder of others");
  check_refused(row("huge", "33188", "300000000", "zeroblob(290000000)"), "cannot hold");
  check_refused(row("liar", "33188", "100000000", "x'61626364'"), "cannot hold");
  check_refused(row("negative", "33188", "-5", "x'61'"), "cannot hold");
  check_refused("UPDATE sqlar SET mode = 'rwx'", "not one of an archive");
}

TEST_CASE("an archive with more files than the limit is refused, and the limit is named", "[pack]") {
  check_refused(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) "
      "INSERT INTO sqlar SELECT 'f' || i, 33188, 0, 1, x'61' FROM n",
      "10000");
}

TEST_CASE("data that unpacks to another length than it says, or was changed, is found", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  write_sealed(reel, 3);
  REQUIRE(pack(reel, {file_of("text", std::string(50'000, 't'))}).ok());
  const std::string clean = read_file(reel);
  // A bomb: a megabyte of zeros that claims to be 60,000 bytes.
  std::string zeros(1 << 20, '\0');
  uLongf bytes = ::compressBound(zeros.size());
  std::string bomb(bytes, '\0');
  REQUIRE(::compress(reinterpret_cast<Bytef*>(bomb.data()), &bytes, reinterpret_cast<const Bytef*>(zeros.data()),
                     zeros.size()) == Z_OK);
  bomb.resize(bytes);
  for (const std::string& sql :
       {std::string{"UPDATE sqlar SET sz = 49999"}, std::string{"UPDATE sqlar SET sz = 50001"},
        std::string{"UPDATE sqlar SET mtime = 1"}, std::string{"UPDATE sqlar SET mode = 33261"},
        std::string{"DELETE FROM packed"}, "UPDATE sqlar SET sz = 60000, data = " + hex(bomb)}) {
    CAPTURE(sql.substr(0, 60));
    write_file(reel, clean);
    run_sql(reel, sql);
    const Result<PackedFiles> packed = PackedFiles::open(reel);
    REQUIRE(packed.ok());
    CHECK_FALSE(packed->read(packed->entries().front()).ok());
    CHECK_FALSE(check_reel(reel)->findings.empty());
  }
}

TEST_CASE("other tables beside packed files are still noticed, and guards without a file", "[pack]") {
  for (const char* sql :
       {"CREATE TABLE alien (a)", "CREATE VIEW v AS SELECT 1", "DROP TABLE packed", "DROP TABLE sqlar",
        "INSERT INTO packed VALUES ('ghost', x'00')", "CREATE INDEX i ON sqlar (mode)"}) {
    CAPTURE(sql);
    const TempFolder folder;
    const std::string reel = folder.file("a.reel");
    write_sealed(reel, 3);
    REQUIRE(pack(reel, {file_of("a", "1")}).ok());
    run_sql(reel, sql);
    CHECK_FALSE(check_reel(reel)->findings.empty());
  }
}

TEST_CASE("nothing is packed into a reel that was cut off, damaged, or is being recorded", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(reel, small_options());
    Script{*writer}.fill(3);
    CHECK_FALSE(pack(reel, {file_of("a", "1")}).ok());
  }
  const Result<std::size_t> cut_off = pack(reel, {file_of("a", "1")});
  REQUIRE_FALSE(cut_off.ok());
  CHECK_THAT(cut_off.error().what, Catch::Contains("not sealed"));
  const std::string damaged = folder.file("b.reel");
  write_sealed(damaged, 3);
  run_sql(damaged, "CREATE TABLE alien (a)");
  CHECK_FALSE(pack(damaged, {file_of("a", "1")}).ok());
}

TEST_CASE("a repaired reel keeps the packed files", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  write_sealed(reel, 20);
  REQUIRE(pack(reel, {file_of("a", "1"), file_of("b", "2")}).ok());
  run_sql(reel, "DELETE FROM packed WHERE name = 'b'");
  const Result<ReelReport> report = repair_reel(reel, folder.file("new.reel"));
  REQUIRE(report.ok());
  CHECK(report->findings.size() == 1);
  const auto files = unpacked(folder.file("new.reel"));
  REQUIRE(files.size() == 1);
  CHECK(files.front().content == "1");
  CHECK(check_reel(folder.file("new.reel"))->findings.empty());
}

TEST_CASE("a reel with packed files can be gone on with, and keeps them", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  write_sealed(reel, 20);
  REQUIRE(pack(reel, {file_of("a", "1")}).ok());
  {
    auto writer = ReelWriter::reopen(reel, small_options());
    REQUIRE(writer.ok());
    Script{**writer, 1'000'000'000'000}.fill(5);
    (*writer)->seal();
  }
  CHECK(check_reel(reel)->findings.empty());
  CHECK(unpacked(reel).size() == 1);
}

TEST_CASE("packing that is killed at any moment leaves the old reel, or the new one whole", "[pack]") {
  const TempFolder folder;
  const std::string reel = folder.file("a.reel");
  write_sealed(reel, 50);
  REQUIRE(pack(reel, {file_of("old", "old")}).ok());
  const std::string before = read_file(reel);
  const std::string digest = check_reel(reel)->digest;
  std::vector<PackedFile> files;
  for (unsigned i = 0; i < 40; ++i) files.push_back(file_of("n" + std::to_string(i), random_bytes(1'500'000, i)));
  std::size_t old_ones = 0;
  std::mt19937 dice{7};
  for (int round = 0; round < 30; ++round) {
    CAPTURE(round);
    write_file(reel, before);
    std::filesystem::remove(reel + "-journal");
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      static_cast<void>(pack(reel, files));
      ::_exit(0);
    }
    // SQLite spills what does not fit its cache into the reel before the COMMIT: late kills meet a hot journal.
    ::usleep(static_cast<useconds_t>(dice() % 1'200'000));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    const auto out = unpacked(reel);
    CHECK((out.size() == 1 || out.size() == 41));
    if (out.size() == 1) ++old_ones;
    const Result<ReelReport> report = check_reel(reel);
    REQUIRE(report.ok());
    CHECK(report->findings.empty());
    CHECK(report->digest == digest);
  }
  CHECK(old_ones > 0);
  REQUIRE(pack(reel, files).ok());  // also over what the last kill left
  CHECK(unpacked(reel).size() == 41);
}

}  // namespace labreel
