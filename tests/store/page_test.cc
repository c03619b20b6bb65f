// Pages: written by hand, read by Cap'n Proto's own reader; and the digest, which does not know of pages.
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <openssl/sha.h>
#include <sqlite3.h>

#include <sstream>
#include <thread>

#include "store/codec.h"
#include "store/format.h"
#include "store/page.h"
#include "store/schema/event.capnp.h"
#include "test_reel.h"
#include "tests/places.h"

namespace labreel {
namespace {

// The pages of a reel that is still open.
std::vector<std::string> some_pages(const TempFolder& folder) {
  const auto writer = ReelWriter::create(folder.file("pages.reel"), small_options());
  Script script{*writer};
  script.fill(100);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  return writer->pages_from(0, 1 << 30);
}

std::string hex(const unsigned char (&hash)[SHA256_DIGEST_LENGTH]) {
  std::string text;
  for (const unsigned char byte : hash) {
    char two[3];
    std::snprintf(two, sizeof(two), "%02x", byte);
    text += two;
  }
  return text;
}

// The digest as FORMAT.md says it, in the plainest way.
std::string naive_digest(const std::vector<OwnedEvent>& events) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  const std::string start = "labreel digest 1\n";
  ::SHA256(reinterpret_cast<const unsigned char*>(start.data()), start.size(), hash);
  for (std::size_t block = 0; block * 4096 < events.size(); ++block) {
    std::string all(reinterpret_cast<const char*>(hash), sizeof(hash));
    for (std::size_t i = block * 4096; i < std::min((block + 1) * 4096, events.size()); ++i) {
      const OwnedEvent& event = events[i];
      std::string payload;
      Record record{.time_ns = event.time_ns, .cause = event.cause, .kind = static_cast<std::uint8_t>(kind_of(event.body))};
      if (const auto* frame = std::get_if<Frame>(&event.body)) {
        record.subject = index_of(frame->port);
        record.copies = static_cast<std::uint16_t>(event.frame_copies.size());
        payload.append(reinterpret_cast<const char*>(event.frame_copies.data()), event.frame_copies.size() * sizeof(Copy));
        payload += event.frame_bytes;
      } else {
        record.subject = subject_of(event.body);
        payload = encode(event.body);
      }
      record.payload_length = static_cast<std::uint32_t>(payload.size());
      all.append(reinterpret_cast<const char*>(&record), sizeof(record));
      all += payload;
    }
    ::SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), hash);
  }
  return hex(hash);
}

}  // namespace

TEST_CASE("Cap'n Proto's own reader reads a page, with every record and payload") {
  const TempFolder folder;
  const std::vector<std::string> pages = some_pages(folder);
  REQUIRE(pages.size() > 3);
  for (const std::string& image : pages) {
    const auto words = kj::heapArray<capnp::word>(image.size() / sizeof(capnp::word));
    REQUIRE(image.size() == words.size() * sizeof(capnp::word));
    std::memcpy(static_cast<void*>(const_cast<capnp::word*>(words.begin())), image.data(), image.size());
    PageBuffer aligned;
    std::memcpy(aligned.resize(image.size()), image.data(), image.size());
    const auto view = PageView::check(aligned);
    REQUIRE(view.ok());
    capnp::FlatArrayMessageReader message(words);
    CHECK(message.getEnd() == words.end());
    const auto page = message.getRoot<schema::Page>();
    CHECK(page.getNumber() == view->head().number);
    CHECK(page.getFirstSeq() == view->head().first_seq);
    CHECK(page.getFirstTimeNs() == view->head().first_time_ns);
    CHECK(page.getLastTimeNs() == view->head().last_time_ns);
    CHECK(page.getHashLow() == view->head().hash.low);
    CHECK(page.getPreviousHashHigh() == view->head().previous_hash.high);
    CHECK(page.getLabIdHigh() == view->head().lab_id.high);
    CHECK(page.getFormatVersion() == kFormatVersion);
    CHECK(page.getCodec() == 0);
    REQUIRE(page.getRecords().size() == page.getCount());
    const auto payload = page.getPayload();
    for (unsigned i = 0; i < page.getCount(); ++i) {
      const auto record = page.getRecords()[i];
      const Record& mine = view->records()[i];
      REQUIRE(record.getTimeNs() == mine.time_ns);
      REQUIRE(record.getCause() == mine.cause);
      REQUIRE(record.getKind() == mine.kind);
      REQUIRE(record.getFlags() == mine.flags);
      REQUIRE(record.getCopies() == mine.copies);
      REQUIRE(record.getSubject() == mine.subject);
      REQUIRE(record.getPayloadLength() == mine.payload_length);
      REQUIRE(std::memcmp(payload.begin() + record.getPayloadOffset(), view->payload(mine).data(), mine.payload_length) == 0);
    }
  }
}

TEST_CASE("the example page in FORMAT.md is a page, with the event that it says") {
  std::istringstream document(read_file(test::source_dir() + "/store/FORMAT.md"));
  std::string bytes;
  for (std::string line; std::getline(document, line);) {
    std::istringstream words(line);
    std::string word;
    // "    0000  00 00 …": the offset comes next, so that no other listing is taken for this one.
    char offset[8];
    std::snprintf(offset, sizeof(offset), "%04zx", bytes.size());
    if (line.rfind(std::string("    ") + offset + "  ", 0) != 0) continue;
    words >> word;
    while (words >> word) bytes += static_cast<char>(std::stoi(word, nullptr, 16));
  }
  PageBuffer aligned;
  std::memcpy(aligned.resize(bytes.size()), bytes.data(), bytes.size());
  const auto view = PageView::check(aligned);
  INFO((view ? "" : view.error().what));
  REQUIRE(view.ok());
  const auto event = event_of(*view, 1);
  REQUIRE(event.ok());
  CHECK(event->time == LabTime{1000});
  CHECK(std::get<NodeRemoved>(event->body).node == NodeId{2});
}

TEST_CASE("any byte of a page that is flipped is noticed, and so is any cut") {
  const TempFolder folder;
  const std::string image = some_pages(folder).at(1);
  PageBuffer aligned;
  for (std::size_t at = 0; at < image.size(); ++at) {
    for (const int mask : {0x01, 0x80}) {
      std::string bad = image;
      bad[at] = static_cast<char>(bad[at] ^ mask);
      std::memcpy(aligned.resize(bad.size()), bad.data(), bad.size());
      REQUIRE_FALSE(PageView::check(aligned).ok());
    }
    std::memcpy(aligned.resize(at), image.data(), at);
    REQUIRE_FALSE(PageView::check(aligned).ok());
  }
}

TEST_CASE("the digest is the same for any page size, commit timing and ring, and is what FORMAT.md says") {
  std::string digest;
  std::vector<OwnedEvent> events;
  for (const std::size_t page_bytes : {std::size_t{1024}, std::size_t{5000}, std::size_t{1} << 20}) {
    for (const std::size_t ring_pages : {std::size_t{3}, std::size_t{64}}) {
      const TempFolder folder;
      ReelOptions options = small_options();
      options.page_bytes = page_bytes;
      options.ring_pages = ring_pages * ((1 << 20) / page_bytes > 20 ? 20 : 1);
      options.commit_interval_ms = ring_pages;
      events = write_sealed(folder.file("a.reel"), 9000, options);
      const auto reader = ReelReader::open(folder.file("a.reel"));
      REQUIRE(reader.ok());
      REQUIRE(reader->recorded_digest());
      if (digest.empty()) digest = *reader->recorded_digest();
      CHECK(*reader->recorded_digest() == digest);
      CHECK(*reader->digest_at(reader->end().last) == digest);
    }
  }
  CHECK(naive_digest(events) == digest);
}

TEST_CASE("the digest at any seq is that of a reel that ends there, asked in any order") {
  const TempFolder folder;
  const std::vector<OwnedEvent> events = write_sealed(folder.file("a.reel"), 9000);
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  for (const std::size_t seq : {8192U, 1U, 4096U, 9035U, 4097U, 4095U, 0U, 8193U, 8191U}) {
    const std::vector<OwnedEvent> prefix(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(seq));
    CHECK(*reader->digest_at(Seq{seq}) == naive_digest(prefix));
  }
  CHECK_FALSE(reader->digest_at(Seq{events.size() + 1}).ok());
}

TEST_CASE("the file says what it is: application id, format version, page size") {
  const TempFolder folder;
  write_sealed(folder.file("a.reel"), 10);
  const std::string bytes = read_file(folder.file("a.reel"));
  CHECK(bytes.substr(0, 16) == std::string("SQLite format 3\0", 16));
  CHECK(bytes.substr(16, 2) == std::string("\0\1", 2));      // 65536
  CHECK(bytes.substr(18, 2) == std::string("\1\1", 2));      // a rollback journal, no WAL
  CHECK(bytes.substr(60, 4) == std::string("\0\0\0\2", 4));  // user_version
  CHECK(bytes.substr(68, 4) == "Reel");                      // application_id
}

TEST_CASE("hostile bodies are refused, never a crash") {
  for (const EventBody& body : one_of_each()) {
    const std::string bytes = encode(body);
    const auto kind = static_cast<std::uint8_t>(kind_of(body));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string bad = bytes;
        bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
        (void)decode(kind, bytes_of_text(bad));
      }
      (void)decode(kind, bytes_of_text(bytes.substr(0, at)));
    }
    for (unsigned other = 0; other < 256; ++other) (void)decode(static_cast<std::uint8_t>(other), bytes_of_text(bytes));
  }
  CHECK_FALSE(decode(0, {}).ok());
  const std::string marker = encode(Marker{"name", "note"});
  CHECK_FALSE(decode(37, bytes_of_text(marker)).ok());
  CHECK_FALSE(decode(127, bytes_of_text(marker)).ok());
  CHECK_FALSE(decode(static_cast<std::uint8_t>(EventKind::frame), bytes_of_text(marker)).ok());
}

TEST_CASE("a body with an enum value that no one has given is refused by name") {
  const auto with = [](EventBody body) { return decode(static_cast<std::uint8_t>(kind_of(body)), bytes_of_text(encode(body))); };
  const auto reason = with(Outcome{Seq{1}, 0, PortId{0}, static_cast<Reason>(kReasonCount)});
  REQUIRE_FALSE(reason.ok());
  CHECK(reason.error().what.find("reason 12") != std::string::npos);
  CHECK_FALSE(with(ExecOutput{NodeId{0}, static_cast<Stream>(3), ""}).ok());
  CHECK_FALSE(with(LinkChanged{PortId{0}, static_cast<Direction>(2), {}, 0}).ok());
}

TEST_CASE("a list that claims a thousand million items in a few bytes is refused at once") {
  // Exec {node, argv}: argv as a list of zero-sized structs.
  const std::uint64_t words[] = {0x0001'0000'0000'0000 | 0, (std::uint64_t{7} << 32U) | 1U, (std::uint64_t{1} << 31U) - 4};
  const std::string bytes(reinterpret_cast<const char*>(words), sizeof(words));
  CHECK_FALSE(decode(static_cast<std::uint8_t>(EventKind::exec), bytes_of_text(bytes)).ok());
}

}  // namespace labreel
