// Compressed pages: they read as plain ones do, keep the digest, and a hostile one costs no more than its limits.
#include <zstd.h>

#include <random>

#include "sealed_reel.h"
#include "store/open_reel.h"
#include "store/page_codec.h"
#include "store/page_layout.h"
#include "store/reel_check.h"
#include "store/reel_files.h"
#include "store/reel_rewrite.h"

namespace labreel {
namespace {

void compress(const std::string& path) {
  const Status settled = settle_reel(path, Pages::compressed);
  INFO((settled ? "" : settled.error().what));
  REQUIRE(settled.ok());
}

// A page of frames that repeat themselves, as a live recorder gives it.
std::string plain_page() {
  const TempFolder folder;
  const auto writer = ReelWriter::create(folder.file("a.reel"), uncommitted_options(64));
  for (std::uint64_t i = 1; i < 20; ++i) writer->append(LabTime{i}, {}, Marker{"again", "and again"});
  return writer->pages_from(0, 1 << 20).front();
}

std::string compressed_page() {
  PageBuffer plain;
  const std::string image = forged(plain_page(), [](PageParts& page) { page.head.flags = 0; });
  std::memcpy(plain.resize(image.size()), image.data(), image.size());
  PageCompressor compressor;
  return std::string(compressor.compress(plain).text());
}

// With what `change` makes of it, and a hash that fits.
Result<PageView> checked(std::string image, PageBuffer& buffer, const std::function<void(std::string&, PageHead&)>& change) {
  PageHead head;
  std::memcpy(&head, image.data() + kPageHeadAt, sizeof(head));
  change(image, head);
  std::memcpy(image.data() + kPageHeadAt, &head, sizeof(head));
  std::memcpy(buffer.resize(image.size()), image.data(), image.size());
  head.hash = hash_of_page(buffer.bytes());
  std::memcpy(buffer.data() + kPageHeadAt, &head.hash, sizeof(head.hash));
  return PageView::check(buffer);
}

// A compressed page around a frame of zstd.
std::string page_around(const std::string& frame, std::uint64_t plain_bytes) {
  const std::string image = compressed_page();
  PageHead head;
  std::memcpy(&head, image.data() + kPageHeadAt, sizeof(head));
  head.plain_bytes = plain_bytes;
  std::string made(std::max<std::uint64_t>(kPackedAt + padded(frame.size()), kPageOverhead + sizeof(Record)), '\0');
  const std::uint64_t words[] = {0, list_pointer(0, kListOfBytes, frame.size())};
  const std::uint64_t header = stream_header(made.size());
  std::memcpy(made.data(), &header, sizeof(header));
  std::memcpy(made.data() + kPageRootAt, &kPageRoot, sizeof(kPageRoot));
  std::memcpy(made.data() + kPageHeadAt, &head, sizeof(head));
  std::memcpy(made.data() + kPagePointersAt, words, sizeof(words));
  std::memcpy(made.data() + kPackedAt, frame.data(), frame.size());
  return made;
}

std::string zstd(const std::string& content) {
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), 3));
  return frame;
}

std::string refusal(const std::string& image, const std::function<void(std::string&, PageHead&)>& change) {
  PageBuffer buffer;
  const auto view = checked(image, buffer, change);
  REQUIRE_FALSE(view.ok());
  return view.error().what;
}

void nothing(std::string&, PageHead&) {}

}  // namespace

TEST_CASE("a compressed reel holds the same events and notes, has the same digest, and takes less room") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto writer = ReelWriter::create(path);
  Script script{*writer};
  for (int i = 0; i < 30'000; ++i) {
    script.frame(std::string(20, static_cast<char>(i)) + std::string(400, 'x'), {{PortId{1}, Reason::none, 0, 0, LabTime{1}}});
  }
  script.fill(10);
  writer->note("stall", "{}");
  writer->seal();
  const auto before = std::filesystem::file_size(path);
  REQUIRE(before > kSmallReel_bytes);
  const std::string digest = *ReelReader::open(path)->recorded_digest();

  compress(path);
  CHECK(std::filesystem::file_size(path) < before / 4);
  CHECK(folder.names() == std::vector<std::string>{"a.reel"});
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  CHECK(reader->end().complete);
  CHECK(reader->notes().size() == 1);
  CHECK(*reader->digest_at(reader->end().last) == digest);
  CHECK(read_all(*reader).events == script.events());
  CHECK(check_reel(path)->findings.empty());
  // Any event, by itself.
  for (const std::uint64_t seq : {30'001U, 1U, 15'000U}) CHECK(owned(*reader->event_at(Seq{seq})) == script.events()[seq - 1]);
}

TEST_CASE("each page of a reel is given plain: as it lies there, or of a compressed reel in a chain of its own") {
  const Sealed reel{400};
  const auto pages_of = [&reel] {
    std::vector<std::string> pages;
    const auto reader = ReelReader::open(reel.path);
    REQUIRE(reader.ok());
    REQUIRE(reader->each_page([&pages](Bytes page) {
      pages.emplace_back(reinterpret_cast<const char*>(page.data()), page.size());
      return ok_status();
    }));
    return pages;
  };
  const std::vector<std::string> plain = pages_of();
  REQUIRE(plain.size() > 3);
  for (std::size_t i = 0; i < plain.size(); ++i) CHECK(plain[i] == reel.image(i));

  compress(reel.path);
  Word128 previous{};
  std::vector<OwnedEvent> events;
  for (const std::string& image : pages_of()) {
    PageBuffer buffer;
    std::memcpy(buffer.resize(image.size()), image.data(), image.size());
    const auto view = PageView::check(buffer);
    REQUIRE(view.ok());
    CHECK(view->head().codec == kPlainPage);
    CHECK(view->head().previous_hash == previous);
    previous = view->head().hash;
    for (std::uint64_t seq = view->head().first_seq; seq <= view->head().last_seq(); ++seq) events.push_back(owned(*event_of(*view, seq)));
  }
  CHECK(events == reel.events);
}

TEST_CASE("whoever takes the pages may stop, and damage is said after the pages before it") {
  const Sealed reel{400};
  int taken = 0;
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  const Status stopped = reader->each_page([&taken](Bytes) -> Status {
    if (++taken == 2) return Error{ErrorKind::usage, "enough"};
    return ok_status();
  });
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().what == "enough");
  CHECK(taken == 2);
  reel.forge(3, [](PageParts& page) { page.head.previous_hash = {}; });
  const auto damaged = ReelReader::open(reel.path);
  REQUIRE(damaged.ok());
  taken = 0;
  CHECK_FALSE(damaged->each_page([&taken](Bytes) { return ++taken, ok_status(); }).ok());
  CHECK(taken == 3);
}

TEST_CASE("what is no shorter when it is compressed stays plain, and so do pages that would unpack to a thousand times as much") {
  const TempFolder folder;
  std::mt19937 dice{1};
  std::string noise(40'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(dice());
  for (const auto& [content, codec] : {std::pair{noise, kPlainPage}, {std::string(300'000, 'x'), kPlainPage}, {std::string(30'000, 'x'), kZstdPage}}) {
    const std::string path = folder.file("a.reel");
    std::filesystem::remove(path);
    const auto writer = ReelWriter::create(path);
    writer->append(LabTime{1}, {}, Checkpoint{content});
    writer->seal();
    compress(path);
    const PagePtr page = *opened(path)->page_with(Seq{1});
    CHECK(page->head().codec == codec);
    CHECK(std::get<Checkpoint>(event_of(*page->view, 1)->body).state == content);
    CHECK(check_reel(path)->findings.empty());
  }
}

TEST_CASE("a compressed reel is continued in plain pages, compressed again, repaired, and read live") {
  const Sealed reel{400};
  compress(reel.path);
  std::vector<OwnedEvent> events = reel.events;
  {
    const auto writer = ReelWriter::reopen(reel.path, small_options());
    REQUIRE(writer.ok());
    Script script{**writer, events.back().time_ns};
    script.fill(50);
    for (OwnedEvent event : script.events()) events.push_back(std::move(event));
    // A recorder gives readers the pages as they lie in the file.
    const auto live = ReelReader::from_pages((*writer)->pages_from(0, 1 << 30), {});
    REQUIRE(live.ok());
    CHECK(read_all(*live).events == events);
    (*writer)->seal();
  }
  CHECK(read_all(*ReelReader::open(reel.path)).events == events);
  compress(reel.path);
  CHECK(read_all(*ReelReader::open(reel.path)).events == events);
  CHECK(check_reel(reel.path)->findings.empty());
  const std::string digest = *ReelReader::open(reel.path)->recorded_digest();
  const std::string copy = reel.folder.file("copy.reel");
  REQUIRE(repair_reel(reel.path, copy).ok());
  CHECK(*ReelReader::open(copy)->recorded_digest() == digest);
}

TEST_CASE("of a compressed reel whose tables are lost its pages are found all the same") {
  const Sealed reel{400};
  compress(reel.path);
  const std::string bytes = read_file(reel.path);
  write_file(reel.path, std::string(2048, '\0') + bytes.substr(2048));
  const auto reader = ReelReader::open(reel.path);
  REQUIRE(reader.ok());
  CHECK(reader->end().damage);
  CHECK(read_all(*reader).events == reel.events);
}

TEST_CASE("a long event in a compressed page fits the ring that a repair makes for it") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelOptions options;
  options.ring_pages = 600;
  std::string content(70 << 20, 'x');
  std::mt19937 dice{1};
  for (std::size_t at = 0; at < content.size(); at += 512) content[at] = static_cast<char>(dice());
  {
    const auto writer = ReelWriter::create(path, options);
    writer->append(LabTime{1}, {}, Checkpoint{content});
    writer->seal();
  }
  compress(path);
  REQUIRE((*opened(path)->page_with(Seq{1}))->head().codec == kZstdPage);
  const std::string copy = folder.file("copy.reel");
  const auto repaired = repair_reel(path, copy);
  REQUIRE(repaired.ok());
  CHECK(repaired->findings.empty());
  CHECK(*ReelReader::open(copy)->recorded_digest() == *ReelReader::open(path)->recorded_digest());
}

TEST_CASE("a compressed page of version 1, or of a codec that no one has given, is refused by number") {
  const std::string image = compressed_page();
  CHECK(has(refusal(image, [](std::string&, PageHead& head) { head.format_version = 1; }), "codec 1"));
  CHECK(has(refusal(image, [](std::string&, PageHead& head) { head.codec = 2; }), "codec 2"));
}

TEST_CASE("a page whose claim of its length is not what zstd finds, or beyond the limits, is refused before room is made") {
  const std::string image = compressed_page();
  PageBuffer buffer;
  REQUIRE(checked(image, buffer, nothing).ok());
  for (const std::uint64_t claim : {std::uint64_t{0}, std::uint64_t{8}, kPlainPage_max + 8, ~std::uint64_t{7}, std::uint64_t{1'001}}) {
    CHECK(has(refusal(image, [&](std::string&, PageHead& head) { head.plain_bytes = claim; }), "claims to unpack to"));
  }
  CHECK(has(refusal(image, [](std::string&, PageHead& head) { head.plain_bytes += 8; }), "another length"));
  CHECK(has(refusal(image, [](std::string&, PageHead& head) { head.count = 1'000'000; }), "claims 1000000 records"));
  CHECK(has(refusal(image, [](std::string&, PageHead& head) { ++head.count; }), ""));
  // A bomb: 400 MiB of zeros in a few KiB.
  const std::string bomb = zstd(std::string(400 << 20, '\0'));
  REQUIRE(bomb.size() < 64 << 10);
  CHECK(has(refusal(page_around(bomb, (400 << 20) + kPageOverhead), nothing), "claims to unpack to"));
}

TEST_CASE("frames behind the frame, without a length, cut off or of a dictionary are refused") {
  const std::string content(4'096, 'x');
  const std::uint64_t plain_bytes = content.size() + kPageOverhead;
  const std::string frame = zstd(content);
  CHECK(has(refusal(page_around(frame + frame, plain_bytes), nothing), "another length"));
  CHECK(has(refusal(page_around(frame.substr(0, frame.size() - 1), plain_bytes), nothing), "another length"));
  CHECK(has(refusal(page_around(std::string(64, 'x'), plain_bytes), nothing), "another length"));
  std::string without_length = frame;
  without_length[4] = '\0';  // the descriptor: no length of the content
  CHECK(has(refusal(page_around(without_length, plain_bytes), nothing), "another length"));
  // Whole, but no records.
  CHECK_FALSE(refusal(page_around(frame, plain_bytes), nothing).empty());
}

TEST_CASE("each flipped byte of a compressed page is found") {
  const std::string image = compressed_page();
  for (std::size_t at = 0; at < image.size(); ++at) {
    std::string bad = image;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    PageBuffer buffer;
    std::memcpy(buffer.resize(bad.size()), bad.data(), bad.size());
    INFO(at);
    CHECK_FALSE(PageView::check(buffer).ok());
  }
  for (const std::size_t at : {kPagePointersAt, kPagePointersAt + 8, image.size() - 1}) {
    const auto flipped = [&](std::string& bytes, PageHead&) { bytes[at] = static_cast<char>(bytes[at] ^ 0x10); };
    CHECK_FALSE(refusal(image, flipped).empty());
  }
}

}  // namespace labreel
