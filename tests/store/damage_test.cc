// One test a kind of damage: noticed with its place, and everything before it is read.
#include <thread>

#include "sealed_reel.h"
#include "store/reel_check.h"

namespace labreel {
namespace {

bool is_prefix(const std::vector<OwnedEvent>& read, const std::vector<OwnedEvent>& written) {
  return read.size() <= written.size() && std::equal(read.begin(), read.end(), written.begin());
}

// True if the damage is noticed; false if the reel reads as if it were whole. Anything between the two fails.
bool notices(const std::string& path, const std::vector<OwnedEvent>& written, std::size_t notes, const std::string& digest) {
  const auto reader = ReelReader::open(path);
  if (!reader) {
    CHECK_FALSE(reader.error().what.empty());
    return true;
  }
  const ReadReel read = read_all(*reader);
  REQUIRE(is_prefix(read.events, written));
  const auto report = check_reel(path);
  if (!report) return true;
  if (!report->findings.empty()) {
    CHECK_FALSE(report->findings[0].place.empty());
    return true;
  }
  const bool is_whole = !read.error && read.events == written && reader->notes().size() == notes &&
                        reader->end().complete && *reader->digest_at(reader->end().last) == digest;
  if (!is_whole) FAIL("neither noticed nor inert");
  return false;
}

}  // namespace

TEST_CASE("a flipped byte anywhere in a sealed reel is noticed or changes nothing") {
  const Sealed reel{20};
  std::size_t noticed = 0;
  std::size_t inert = 0;
  for (std::size_t at = 0; at < reel.bytes.size(); ++at) {
    // Every byte that says something; of the empty room in between, a sample.
    if (reel.bytes[at] == 0 && at % 4099 != 0) continue;
    flip(reel.path, at, 0x55);
    INFO("byte " << at);
    ++(notices(reel.path, reel.events, 2, reel.digest) ? noticed : inert);
    flip(reel.path, at, 0x55);
  }
  CHECK(noticed > 5000);
  INFO("noticed " << noticed << ", inert " << inert);
  CHECK(inert < noticed / 10);
}

TEST_CASE("a reel that is cut short anywhere gives an exact prefix, and the cut is noticed") {
  const Sealed reel{400};
  std::size_t with_events = 0;
  for (std::size_t length = 0; length < reel.bytes.size(); length += 9'973) {
    write_file(reel.path, std::string_view(reel.bytes).substr(0, length));
    INFO("cut at " << length);
    REQUIRE(notices(reel.path, reel.events, 2, reel.digest));
    const auto reader = ReelReader::open(reel.path);
    if (!reader) continue;
    const ReadReel read = read_all(*reader);
    CHECK(read.error);
    if (!read.events.empty()) ++with_events;
  }
  CHECK(with_events > 0);
}

TEST_CASE("a flipped byte anywhere in a dead recorder's ring is noticed or changes nothing") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelOptions options = small_options();
  options.commit_interval_ms = 3'600'000;
  std::vector<OwnedEvent> written;
  {
    const auto writer = ReelWriter::create(path, options);
    Script script{*writer};
    script.fill(10);
    writer->note("stall", "{}");
    written = script.events();
  }
  const std::string ring = read_file(path + "-ring");
  std::size_t noticed = 0;
  for (std::size_t at = 0; at < ring.size(); ++at) {
    if (ring[at] == 0 && at % 509 != 0) continue;
    flip(path + "-ring", at, 0x55);
    const auto reader = ReelReader::open(path);
    REQUIRE(reader.ok());
    const ReadReel read = read_all(*reader);
    INFO("byte " << at);
    REQUIRE(is_prefix(read.events, written));
    const bool is_whole = read.events == written && reader->notes().size() == 1;
    if (reader->end().damage) ++noticed;
    else REQUIRE(is_whole);
    flip(path + "-ring", at, 0x55);
  }
  CHECK(noticed > 2000);
}

TEST_CASE("a page that was changed and hashed again breaks the chain or the digest") {
  const Sealed reel{400};
  sql(reel.path, "UPDATE page SET hash = zeroblob(16) WHERE number = 3");
  const auto report = check_reel(reel.path);
  REQUIRE(report.ok());
  REQUIRE_FALSE(report->findings.empty());
  CHECK(report->findings[0].place.find("page") != std::string::npos);
}

TEST_CASE("a missing page ends the reading before it, and check names it") {
  const Sealed reel{400};
  sql(reel.path, "DELETE FROM page WHERE number = 3");
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  const ReadReel read = read_all(*reader);
  REQUIRE(read.error);
  CHECK(is_prefix(read.events, reel.events));
  CHECK(read.events.size() > 10);
  CHECK_FALSE(check_reel(reel.path)->findings.empty());
}

TEST_CASE("a missing last page is noticed when the reel is opened") {
  const Sealed reel{400};
  sql(reel.path, "DELETE FROM page WHERE first_seq = (SELECT max(first_seq) FROM page)");
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  CHECK(reader->end().damage);
  CHECK_FALSE(reader->end().complete);
  const ReadReel read = read_all(*reader);
  CHECK(read.error);
  CHECK(read.events.size() == reader->end().last.value);
  CHECK(is_prefix(read.events, reel.events));
}

TEST_CASE("indexes, block hashes, notes and tables that are not what the events say are findings") {
  const Sealed reel{5000};
  for (const std::string change :
       {"UPDATE node SET name = 'evil'", "DELETE FROM marker", "INSERT INTO lan VALUES (7, 1, NULL, 'x', 0)",
        "UPDATE port SET mtu = '9000x'", "UPDATE checkpoint SET bytes = bytes + 1", "UPDATE block_hash SET hash = x'00'",
        "UPDATE note SET detail = '{ }' WHERE number = 1", "DELETE FROM note WHERE number = 2",
        "UPDATE meta SET digest = substr(digest, 2) || substr(digest, 1, 1)", "UPDATE meta SET state = 'recording'",
        "CREATE VIEW trap AS SELECT 1", "DROP TABLE snapshot", "CREATE INDEX more ON page (number)"}) {
    write_file(reel.path, reel.bytes);
    sql(reel.path, change);
    INFO(change);
    const auto report = check_reel(reel.path);
    CHECK((!report.ok() || !report->findings.empty()));
  }
}

TEST_CASE("an empty file, a foreign file, another program's database and a folder are no reels") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto refusal = [&](std::string_view words) {
    const auto reader = ReelReader::open(path);
    REQUIRE_FALSE(reader.ok());
    CHECK(reader.error().kind == ErrorKind::input);
    CHECK(reader.error().place.find("a.reel") != std::string::npos);
    INFO(reader.error().what);
    CHECK(reader.error().what.find(words) != std::string::npos);
    CHECK_FALSE(check_reel(path).ok());
  };
  refusal("No such file");
  write_file(path, "");
  refusal("empty");
  write_file(path, "name: a lab file\n");
  refusal("not a reel");
  write_file(path, "SQLite format 3");
  refusal("cut off");
  std::filesystem::remove(path);
  sql(path, "CREATE TABLE t (x)");
  refusal("not a reel");
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  refusal("not a file");
}

TEST_CASE("a reel of a newer format is refused, and both versions are named") {
  const Sealed reel{10};
  sql(reel.path, "PRAGMA user_version = 7");
  const auto reader = ReelReader::open(reel.path);
  REQUIRE_FALSE(reader.ok());
  CHECK(reader.error().what.find("version 7") != std::string::npos);
  CHECK(reader.error().what.find("version 2") != std::string::npos);
  CHECK_FALSE(reader.error().hint.empty());
}

TEST_CASE("the ring of another lab is not read into a reel") {
  const TempFolder folder;
  for (const std::string name : {"a.reel", "b.reel"}) {
    const auto writer = ReelWriter::create(folder.file(name), small_options());
    Script script{*writer};
    script.fill(10);
  }
  std::filesystem::copy_file(folder.file("b.reel-ring"), folder.file("a.reel-ring"),
                             std::filesystem::copy_options::overwrite_existing);
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  REQUIRE(reader->end().damage);
  CHECK(reader->end().damage->what.find("another lab") != std::string::npos);
}

TEST_CASE("repairing a cut-off reel makes a sealed one with the same events, notes and digest") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> written;
  {
    const auto writer = ReelWriter::create(path, small_options());
    Script script{*writer};
    script.fill(500);
    writer->note("stall", "{}");
    written = script.events();
  }
  const std::string digest = *ReelReader::open(path)->digest_at(Seq{written.size()});
  const auto report = repair_reel(path, folder.file("b.reel"));
  REQUIRE(report.ok());
  INFO(report->summary);
  CHECK(report->findings.empty());
  CHECK(report->complete);
  CHECK(report->digest == digest);
  const auto reader = ReelReader::open(folder.file("b.reel"));
  REQUIRE(reader.ok());
  CHECK(reader->end().complete);
  CHECK(read_all(*reader).events == written);
  CHECK(reader->notes().front().kind == "stall");
  CHECK_FALSE(repair_reel(path, folder.file("b.reel")).ok());
}

TEST_CASE("repairing around a damaged page keeps what is behind it, under its old numbers, behind gaps") {
  const Sealed reel{400};
  sql(reel.path, "UPDATE page SET image = zeroblob(length(image)) WHERE number = 3");
  const auto report = repair_reel(reel.path, reel.folder.file("b.reel"));
  REQUIRE(report.ok());
  CHECK_FALSE(report->findings.empty());
  const auto reader = ReelReader::open(reel.folder.file("b.reel"));
  REQUIRE(reader.ok());
  const ReadReel read = read_all(*reader);
  REQUIRE_FALSE(read.error);
  REQUIRE(read.events.size() >= reel.events.size());
  std::size_t gaps = 0;
  for (std::size_t i = 0; i < reel.events.size(); ++i) {
    const auto* gap = std::get_if<Gap>(&read.events[i].body);
    if (gap != nullptr && gap->where == "reel") ++gaps;
    else REQUIRE(read.events[i] == reel.events[i]);
  }
  CHECK(gaps > 0);
  CHECK(gaps < 100);
}

}  // namespace labreel
