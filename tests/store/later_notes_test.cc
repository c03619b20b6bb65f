// Versions: a note that this version does not know is kept as it is; a kind that a page's version does not have is damage.
#include "sealed_reel.h"
#include "store/codec.h"
#include "store/open_reel.h"
#include "store/reel_check.h"
#include "store/reel_files.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

const UnknownNote kLater{200, 7, std::string("not\0even words", 14)};

// A reel of one page and its digest.
struct SealedWith : Sealed {
  explicit SealedWith(const std::vector<EventBody>& bodies) : Sealed{0} {
    std::filesystem::remove(path);
    const auto writer = ReelWriter::create(path);
    Script script{*writer};
    for (const EventBody& body : bodies) script.add(body);
    writer->seal();
    REQUIRE(writer->state().failure.empty());
    events = script.events();
    digest = *ReelReader::open(path)->recorded_digest();
  }
};

// Makes a reel one of version 1: its pages and its head.
void make_version_1(const Sealed& reel) {
  reel.forge(0, [](PageParts& page) { page.head.format_version = 1; });
  sql(reel.path, "PRAGMA user_version = 1");
}

std::string why_damaged(const std::string& path) {
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  return reader->end().damage ? reader->end().damage->what : "";
}

std::vector<std::uint16_t> versions_of_pages(const std::string& path) {
  const std::shared_ptr<OpenReel> reel = opened(path);
  std::vector<std::uint16_t> versions;
  for (const std::uint64_t first : reel->page_seqs_behind(0)) {
    versions.push_back((*reel->page_with(Seq{first}))->head().format_version);
  }
  return versions;
}

}  // namespace

TEST_CASE("a note of a later version is read, hashed, checked, repaired and copied with its bytes and subject") {
  const SealedWith reel({Marker{"before", ""}, kLater, UnknownNote{255, 0xFFFFFFFF, ""}, Marker{"after", ""}});
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  const ReadReel read = read_all(*reader);
  REQUIRE_FALSE(read.error);
  CHECK(read.events == reel.events);
  CHECK(std::get<UnknownNote>(read.events[1].body) == kLater);
  CHECK(*reader->digest_at(Seq{4}) == reel.digest);
  const auto report = check_reel(reel.path);
  REQUIRE(report.ok());
  CHECK(report->findings.empty());
  const std::string copy = reel.folder.file("copy.reel");
  REQUIRE(repair_reel(reel.path, copy).ok());
  CHECK(*ReelReader::open(copy)->recorded_digest() == reel.digest);
}

TEST_CASE("each of 128 to 255 is a note, whatever its bytes, and 0, 37 to 127 and a frame's number are no body") {
  const std::string bytes("\x01\xff", 2);
  for (unsigned kind = 0; kind < 256; ++kind) {
    const auto number = static_cast<std::uint8_t>(kind);
    const bool is_known = kind >= 128 && kind <= 130;
    const auto body = decode(number, bytes_of_text(bytes));
    INFO(kind);
    CHECK(body.ok() == (kind > 130));
    if (body) CHECK(encode(*body) == bytes);
    if (body) CHECK(static_cast<unsigned>(kind_of(*body)) == kind);
    if (is_known) CHECK_FALSE(has(body.error().what, "there is no event of kind"));
  }
}

TEST_CASE("a page of version 1 has no notes from 128 on, and one of version 2 no kinds between 36 and 128") {
  const auto with_kind = [](std::uint16_t version, int kind) {
    const SealedWith reel({kLater});
    reel.forge(0, [&](PageParts& page) {
      page.head.format_version = version;
      page.records[0].kind = static_cast<std::uint8_t>(kind);
    });
    return why_damaged(reel.path);
  };
  CHECK(with_kind(2, 200).empty());
  CHECK(with_kind(2, 255).empty());
  for (const int kind : {0, 37, 100, 127}) {
    CHECK(has(with_kind(2, kind), "there is no event of kind " + std::to_string(kind)));
  }
  for (const int kind : {37, 127, 128, 200, 255}) {
    CHECK(has(with_kind(1, kind), "there is no event of kind " + std::to_string(kind)));
  }
}

TEST_CASE("a reel of version 1 is read as one, with the same digest") {
  const SealedWith reel({Marker{"one", ""}, Marker{"two", ""}});
  make_version_1(reel);
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  CHECK(reader->format_version() == 1);
  CHECK(reader->end().complete);
  CHECK(read_all(*reader).events == reel.events);
  CHECK(*reader->digest_at(Seq{2}) == reel.digest);
  CHECK(check_reel(reel.path)->findings.empty());
}

TEST_CASE("a reel of version 1 that is continued is of version 2, and its old pages stay as they are") {
  const SealedWith reel({Marker{"one", ""}});
  make_version_1(reel);
  {
    const auto writer = ReelWriter::reopen(reel.path, {});
    REQUIRE(writer.ok());
    (*writer)->append(LabTime{5'000}, {}, kLater);
    (*writer)->seal();
  }
  CHECK(*format_version_of(reel.path) == 2);
  CHECK(versions_of_pages(reel.path) == std::vector<std::uint16_t>{1, 2});
  CHECK(check_reel(reel.path)->findings.empty());
}

TEST_CASE("what a recorder of version 1 left in its ring is of version 1, also once it is continued") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path, uncommitted_options(64));
    writer->append(LabTime{1}, {}, Marker{"one", ""});
  }
  sql(path, "PRAGMA user_version = 1");
  forge_ring_head(path + "-ring", [](RingHead& head) { head.version = 1; });
  CHECK(opened(path)->tail().front()->head().format_version == 1);
  {
    const auto writer = ReelWriter::reopen(path, {});
    REQUIRE(writer.ok());
    (*writer)->append(LabTime{2}, {}, Marker{"two", ""});
    (*writer)->seal();
  }
  CHECK(versions_of_pages(path) == std::vector<std::uint16_t>{1, 2});

  std::filesystem::remove(path);
  {
    const auto writer = ReelWriter::create(path, uncommitted_options(64));
    writer->append(LabTime{1}, {}, kLater);
  }
  forge_ring_head(path + "-ring", [](RingHead& head) { head.version = 1; });
  CHECK(has(why_damaged(path), "there is no event of kind 200"));
}

}  // namespace labreel
