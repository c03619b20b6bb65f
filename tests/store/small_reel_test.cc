// Small reels: a sealed reel is written anew with small database pages, and again with large ones before it is written to.
#include <sys/stat.h>

#include <algorithm>

#include "packing.h"
#include "sealed_reel.h"
#include "store/open_reel.h"
#include "store/reel_check.h"
#include "store/reel_rewrite.h"
#include "store/salvage.h"

namespace labreel {
namespace {

// A lab's reel with 36 frames, as a recorder leaves it.
std::vector<OwnedEvent> write_lab_of_36_frames(const std::string& path) {
  const auto writer = ReelWriter::create(path);
  Script script{*writer};
  script.add(LabBegun{"two", std::string(1'500, '#'), "lab.yml", 1, "real", 1});
  for (int i = 0; i < 36; ++i) script.frame(std::string(98, 'x'), {{PortId{1}, Reason::none, 0, 0, LabTime{1}}});
  for (int i = 0; i < 80; ++i) script.add(ExecOutput{NodeId{0}, Stream::stdout_stream, std::string(64, 'y')});
  writer->note("begin-utc", R"({"utc":"2026-01-01T00:00:00Z"})");
  writer->seal();
  REQUIRE(writer->state().failure.empty());
  return script.events();
}

std::string small_copy_of(const std::string& path) {
  const Status settled = settle_reel(path);
  INFO((settled ? "" : settled.error().what));
  REQUIRE(settled.ok());
  return read_file(path);
}

// A sealed reel with small pages, and what it was.
struct Small {
  TempFolder folder;
  std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> events = write_sealed(path, 400);
  std::string bytes = small_copy_of(path);
};

unsigned page_size_of(const std::string& path) {
  const std::string bytes = read_file(path);
  return static_cast<unsigned char>(bytes[16]) * 256U + static_cast<unsigned char>(bytes[17]);
}

void check_whole(const std::string& path, const std::vector<OwnedEvent>& events) {
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  CHECK(reader->end().complete);
  const ReadReel read = read_all(*reader);
  CHECK_FALSE(read.error);
  CHECK(read.events == events);
  const auto report = check_reel(path);
  REQUIRE(report.ok());
  for (const ReelFinding& finding : report->findings) FAIL_CHECK(finding.place << ": " << finding.what);
}

}  // namespace

TEST_CASE("a sealed reel of 36 frames takes at most 64 KiB, and is the same recording") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const std::vector<OwnedEvent> events = write_lab_of_36_frames(path);
  const std::string digest = *ReelReader::open(path)->recorded_digest();
  CHECK(read_file(path).size() == 768 << 10);
  CHECK(small_copy_of(path).size() <= 64 << 10);
  CHECK(folder.names() == std::vector<std::string>{"a.reel"});
  check_whole(path, events);
  CHECK(*ReelReader::open(path)->recorded_digest() == digest);
  CHECK(ReelReader::open(path)->notes().size() == 1);
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 07777) == 0600);
}

TEST_CASE("a text of no characters stays a text when a reel is written anew") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path);
    Script script{*writer};
    script.add(LabBegun{"", "", "", 1, "real", 1});
    script.add(Marker{"m", ""});
    writer->note("", "");
    writer->seal();
  }
  small_copy_of(path);
  const auto report = check_reel(path);
  REQUIRE(report.ok());
  for (const ReelFinding& finding : report->findings) FAIL_CHECK(finding.place << ": " << finding.what);
}

TEST_CASE("every event of a small reel is found by seq and by time, also past a chain that does not lie in one piece") {
  const Small reel;
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  for (std::size_t i = reel.events.size(); i-- > 0;) {
    const auto event = reader->event_at(Seq{i + 1});
    REQUIRE(event.ok());
    CHECK(owned(*event) == reel.events[i]);
    CHECK(*reader->last_at_or_before(LabTime{reel.events[i].time_ns}) >= Seq{i + 1});
  }
}

TEST_CASE("who has a reel compressed is told how far it is, from the first page to the last that is read back") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto events = write_sealed(path, 20'000);
  std::vector<std::uint64_t> told;
  const Status settled = settle_reel(path, Pages::compressed, [&](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 2 * events.size());
    told.push_back(done);
  });
  REQUIRE(settled.ok());
  REQUIRE(told.size() > 2);
  CHECK(told.front() < events.size());
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 2 * events.size());
}

TEST_CASE("a large reel keeps its pages, and a small one is left alone") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto writer = ReelWriter::create(path);
  writer->append(LabTime{1}, {}, LabBegun{.lab = "big", .lab_file = std::string(kSmallReel_bytes, '#'), .lab_file_name = {}, .clock = {}});
  writer->seal();
  const std::string large = read_file(path);
  CHECK(settle_reel(path).ok());
  CHECK(read_file(path) == large);

  const Small small;
  CHECK(small_copy_of(small.path) == small.bytes);
}

TEST_CASE("a small reel is continued and packed into as any other, and what was packed makes it small again") {
  Small reel;
  {
    const auto writer = ReelWriter::reopen(reel.path);
    REQUIRE(writer.ok());
    CHECK(page_size_of(reel.path) == 1);
    Script script{**writer, reel.events.back().time_ns};
    script.fill(20);
    for (OwnedEvent event : script.events()) reel.events.push_back(std::move(event));
    (*writer)->seal();
  }
  CHECK(small_copy_of(reel.path).size() < 256 << 10);
  CHECK(page_size_of(reel.path) == 2048);
  check_whole(reel.path, reel.events);

  REQUIRE(pack(reel.path, {file_of("notes.md", "what to look for")}).ok());
  CHECK(page_size_of(reel.path) == 4096);
  check_whole(reel.path, reel.events);
  const auto files = PackedFiles::open(reel.path);
  REQUIRE(files.ok());
  CHECK(*files->read(files->entries().front()) == "what to look for");
}

TEST_CASE("a reel that is cut off, damaged or in use is not written anew, and is as it was") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path);
    writer->append(LabTime{1}, {}, Marker{"one", ""});
  }
  const std::string cut_off = read_file(path);
  CHECK_FALSE(settle_reel(path).ok());
  CHECK(read_file(path) == cut_off);

  const Sealed damaged{400};
  sql(damaged.path, "UPDATE marker SET name = 'other'");
  const std::string before = read_file(damaged.path);
  const Status refused = settle_reel(damaged.path);
  REQUIRE_FALSE(refused.ok());
  CHECK(has(refused.error().what, "is damaged"));
  CHECK(read_file(damaged.path) == before);
  CHECK(damaged.folder.names() == std::vector<std::string>{"a.reel"});

  const Sealed reel{10};
  const auto writer = ReelWriter::reopen(reel.path);
  REQUIRE(writer.ok());
  CHECK_FALSE(settle_reel(reel.path).ok());
}

TEST_CASE("each flipped byte of a small reel is found, or is room that nothing uses") {
  const Small reel;
  const std::string digest = *ReelReader::open(reel.path)->recorded_digest();
  std::size_t found = 0;
  for (std::size_t at = 0; at < reel.bytes.size(); at += 37) {
    flip(reel.path, at, 0x40);
    const auto report = check_reel(reel.path);
    const bool is_found = !report.ok() || !report->findings.empty() || !report->complete;
    if (is_found) ++found;
    // Nothing that is read is another thing than was written.
    if (!is_found) CHECK(report->digest == digest);
    flip(reel.path, at, 0x40);
  }
  CHECK(found > reel.bytes.size() / 37 / 2);
  check_whole(reel.path, reel.events);
}

TEST_CASE("of a small reel that lost its head, or its end, what is whole is read") {
  const Small reel;
  write_file(reel.path, std::string(2048, '\0') + reel.bytes.substr(2048));
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  CHECK(reader->end().damage);
  CHECK(read_all(*reader).events == reel.events);

  write_file(reel.path, reel.bytes.substr(0, reel.bytes.size() / 2));
  const auto cut = ReelReader::open(reel.path);
  REQUIRE(cut.ok());
  REQUIRE(cut->end().damage);
  CHECK(has(cut->end().damage->what, "cut short"));
  const ReadReel read = read_all(*cut);
  CHECK(read.events.size() > 10);
  CHECK(std::equal(read.events.begin(), read.events.end(), reel.events.begin()));
}

TEST_CASE("a journal beside a small reel is no recorder's, and is not read into it") {
  const Small reel;
  write_file(reel.path + "-journal", std::string("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8) + std::string(2'000, '\0'));
  const auto reader = ReelReader::open(reel.path);
  CHECK((!reader.ok() || reader->end().damage));
  CHECK(has(reader.ok() ? reader->end().damage->what : reader.error().what, "no transaction was open"));
}

TEST_CASE("pages of a size that no reel has are refused") {
  const Small reel;
  std::string bytes = reel.bytes;
  bytes[16] = 4;  // 1024
  bytes[17] = 0;
  write_file(reel.path, bytes);
  const auto report = check_reel(reel.path);
  REQUIRE(report.ok());
  REQUIRE_FALSE(report->findings.empty());
  CHECK(has(report->findings.front().what, "another size than a reel's"));
}

}  // namespace labreel
