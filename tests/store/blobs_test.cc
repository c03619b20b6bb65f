// Blobs: chunks of what is large beside a recording, stored once, and each damage to them found.
#include "store/blobs.h"

#include "packing.h"
#include "sealed_reel.h"
#include "store/blob_codec.h"
#include "store/reel_check.h"
#include "store/reel_rewrite.h"

namespace labreel {
namespace {

struct Put {
  std::string owner;
  std::string role;
  std::uint64_t offset;
  std::string content;
};

Status put_all(const std::string& reel, const std::vector<Put>& chunks) {
  auto writer = BlobWriter::open(reel);
  if (!writer) return writer.error();
  for (const Put& chunk : chunks) {
    if (const Status put = (*writer)->put(chunk.owner, chunk.role, chunk.offset, chunk.content); !put) return put;
  }
  return (*writer)->commit();
}

// Three uses of two chunks, of which one cannot be compressed.
std::vector<Put> some_chunks() {
  const std::string zeros(kBlobBytes_max, '\0');
  const std::string noise = random_bytes(50'000, 1);
  return {{"image sha256:1", "layer 1", 0, zeros},
          {"image sha256:1", "layer 1", kBlobBytes_max, noise},
          {"snapshot before", "memory of h1", 1ULL << 40U, noise}};
}

struct WithBlobs : Sealed {
  WithBlobs() : Sealed(100) { REQUIRE(put_all(path, some_chunks()).ok()); }
};

std::vector<Put> read_back(const std::string& path) {
  const auto blobs = Blobs::open(path);
  INFO((blobs ? "" : blobs.error().what));
  REQUIRE(blobs.ok());
  std::vector<Put> all;
  for (const BlobUse& use : blobs->uses()) {
    const auto content = blobs->read(use);
    REQUIRE(content.ok());
    all.push_back({use.owner, use.role, use.offset, *content});
  }
  return all;
}

bool same(const std::vector<Put>& a, const std::vector<Put>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Put& x, const Put& y) {
    return x.owner == y.owner && x.role == y.role && x.offset == y.offset && x.content == y.content;
  });
}

std::string finding_after(const std::string& statements) {
  const WithBlobs reel;
  sql(reel.path, statements);
  const auto report = check_reel(reel.path);
  REQUIRE(report.ok());
  REQUIRE_FALSE(report->findings.empty());
  // The events are whole all the same.
  CHECK(report->digest == reel.digest);
  return report->findings.front().place + ": " + report->findings.front().what;
}

}  // namespace

TEST_CASE("chunks come back as they were put, and one that is used twice is stored once") {
  const WithBlobs reel;
  CHECK(same(read_back(reel.path), some_chunks()));
  CHECK(check_reel(reel.path)->findings.empty());
  CHECK(*ReelReader::open(reel.path)->recorded_digest() == reel.digest);
  CHECK(read_file(reel.path).size() < reel.bytes.size() + (512 << 10));
  CHECK(reel.folder.names() == std::vector<std::string>{"a.reel"});

  // More of them later, of which one is known.
  const Put later{"snapshot after", "memory of h1", 0, some_chunks()[0].content};
  REQUIRE(put_all(reel.path, {later, {"snapshot after", "disk of h1", 7, "x"}}).ok());
  CHECK(read_back(reel.path).size() == 5);
  CHECK(check_reel(reel.path)->findings.empty());
}

TEST_CASE("a reel without blobs has neither tables for them nor a list") {
  const Sealed reel{10};
  CHECK(Blobs::open(reel.path)->uses().empty());
  CHECK_FALSE(has(reel.bytes, "blob_use"));
}

TEST_CASE("blobs and packed files are beside each other, whichever came first, and a reel keeps both in every form") {
  for (const bool blobs_first : {true, false}) {
    const Sealed reel{100};
    if (blobs_first) REQUIRE(put_all(reel.path, some_chunks()).ok());
    REQUIRE(pack(reel.path, {file_of("notes.md", "what to look for")}).ok());
    if (!blobs_first) REQUIRE(put_all(reel.path, some_chunks()).ok());
    CHECK(check_reel(reel.path)->findings.empty());
    for (const Pages pages : {Pages::as_they_are, Pages::compressed}) {
      REQUIRE(settle_reel(reel.path, pages).ok());
      CHECK(check_reel(reel.path)->findings.empty());
      CHECK(same(read_back(reel.path), some_chunks()));
      CHECK(PackedFiles::open(reel.path)->entries().size() == 1);
    }
    // In a reel with small pages, too.
    REQUIRE(put_all(reel.path, {{"snapshot z", "disk", 0, "y"}}).ok());
    CHECK(read_back(reel.path).size() == 4);
  }
}

TEST_CASE("going on with a reel keeps its blobs, and a repair takes those that are whole") {
  const WithBlobs reel;
  {
    const auto writer = ReelWriter::reopen(reel.path, {});
    REQUIRE(writer.ok());
    (*writer)->seal();
  }
  CHECK(same(read_back(reel.path), some_chunks()));
  const std::string copy = reel.folder.file("copy.reel");
  sql(reel.path, "UPDATE blob SET data = zeroblob(length(data)) WHERE id = 2");
  const auto repaired = repair_reel(reel.path, copy);
  REQUIRE(repaired.ok());
  REQUIRE_FALSE(repaired->findings.empty());
  CHECK(has(repaired->findings.front().what, "is damaged"));
  const std::vector<Put> kept = read_back(copy);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].content == some_chunks()[0].content);
}

TEST_CASE("chunks and names that no reader would take are not written, and nothing of the transaction is") {
  const Sealed reel{10};
  const std::string long_name(kBlobNameBytes_max + 1, 'n');
  for (const Put& bad : std::vector<Put>{{"a", "b", 0, ""},
                                         {"a", "b", 0, std::string(kBlobBytes_max + 1, 'x')},
                                         {"", "b", 0, "x"},
                                         {"a", "", 0, "x"},
                                         {long_name, "b", 0, "x"},
                                         {"a", long_name, 0, "x"},
                                         {"a", "b", 1ULL << 63U, "x"}}) {
    CHECK_FALSE(put_all(reel.path, {{"a", "first", 0, "x"}, bad}).ok());
    CHECK(Blobs::open(reel.path)->uses().empty());
  }
  CHECK(check_reel(reel.path)->findings.empty());
  {
    const auto writer = BlobWriter::open(reel.path);
    REQUIRE(writer.ok());
    REQUIRE((*writer)->put("a", "b", 0, "x").ok());
    // Locked as long as it is written to.
    CHECK_FALSE(BlobWriter::open(reel.path).ok());
  }
  CHECK(Blobs::open(reel.path)->uses().empty());
  CHECK(reel.folder.names() == std::vector<std::string>{"a.reel"});
}

TEST_CASE("blobs are not put into a reel that is cut off or damaged") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelWriter::create(path)->append(LabTime{1}, {}, Marker{"one", ""});
  CHECK_FALSE(put_all(path, some_chunks()).ok());
  const WithBlobs damaged;
  sql(damaged.path, "UPDATE blob SET bytes = 7 WHERE id = 1");
  CHECK(has(put_all(damaged.path, {{"a", "b", 0, "x"}}).error().what, "is damaged"));
}

TEST_CASE("each damage to blobs is found, with its row") {
  CHECK(has(finding_after("UPDATE blob SET data = zeroblob(length(data)) WHERE id = 2"), "row 2: is damaged: its SHA-256"));
  CHECK(has(finding_after("UPDATE blob SET data = x'00' WHERE id = 1"), "row 1: is damaged: its data"));
  CHECK(has(finding_after("UPDATE blob SET codec = 1 WHERE id = 2"), "row 2: is damaged: its data"));
  CHECK(has(finding_after("UPDATE blob SET codec = 7 WHERE id = 2"), "row 2: is damaged: its data"));
  CHECK(has(finding_after("UPDATE blob SET bytes = 1048575 WHERE id = 1"), "blob_use, row 1: is damaged"));
  CHECK(has(finding_after("UPDATE blob SET bytes = 1 << 40 WHERE id = 1"), "blob_use, row 1: is damaged"));
  CHECK(has(finding_after("UPDATE blob SET sha256 = zeroblob(32) WHERE id = 2"), "blob_use, row 2: is damaged"));
  CHECK(has(finding_after("UPDATE blob SET sha256 = 'short' WHERE id = 2"), "blob_use, row 2: its blob is missing"));
  CHECK(has(finding_after("DELETE FROM blob WHERE id = 1"), "blob_use, row 1: its blob is missing"));
  CHECK(has(finding_after("DELETE FROM blob_use WHERE number = 1"), "blob, row 1: nothing uses this blob"));
  CHECK(has(finding_after("INSERT INTO blob SELECT 9, sha256, bytes, codec, data FROM blob WHERE id = 2"), "row 9: is stored twice"));
  for (const char* change : {"owner = 'other'", "role = 'other'", "offset = 5", "blob = 2", "hash = 1", "number = 9"}) {
    CHECK(has(finding_after("UPDATE blob_use SET " + std::string(change) + " WHERE number = 1"), ": is damaged"));
  }
  CHECK(has(finding_after("UPDATE blob_use SET owner = x'31' WHERE number = 1"), "is none of a blob"));
  CHECK(has(finding_after("DROP TABLE blob"), "the tables are not those of a reel"));
  CHECK(has(finding_after("UPDATE blob SET data = zeroblob(10000000) WHERE id = 2"), "too big"));
}

TEST_CASE("uses of one thing that overlap are found, though each guard is right") {
  const Sealed reel{10};
  REQUIRE(put_all(reel.path, {{"a", "b", 0, "12345678"}, {"a", "b", 7, "1"}}).ok());
  CHECK(has(check_reel(reel.path)->findings.front().what, "overlaps"));
  CHECK_FALSE(Blobs::open(reel.path).ok());
  const Sealed other{10};
  REQUIRE(put_all(other.path, {{"a", "b", 0, "12345678"}, {"a", "b", 8, "1"}, {"a", "c", 7, "1"}, {"c", "b", 7, "1"}}).ok());
  CHECK(check_reel(other.path)->findings.empty());
}

TEST_CASE("tables that are called as those of blobs but have another text are never read") {
  const Sealed reel{10};
  sql(reel.path, "CREATE TABLE blob (id INTEGER PRIMARY KEY, sha256 BLOB, bytes INTEGER, codec INTEGER, "
                 "data AS (zeroblob(600000000)))");
  CHECK_FALSE(Blobs::open(reel.path).ok());
  const auto report = check_reel(reel.path);
  REQUIRE(report.ok());
  CHECK_FALSE(report->findings.empty());
}

TEST_CASE("a reel of version 1 becomes one of version 2 by its first blob") {
  const Sealed reel{10};
  sql(reel.path, "PRAGMA user_version = 1");
  REQUIRE(put_all(reel.path, some_chunks()).ok());
  CHECK(*format_version_of(reel.path) == 2);
  CHECK(check_reel(reel.path)->findings.empty());
}

}  // namespace labreel
