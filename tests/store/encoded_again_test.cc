// What decodes is encoded again to the same bytes, words that are not known included: nothing of an event is lost on the way.
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "engine/core/node_death.h"
#include "engine/core/wire_words.h"
#include "store/blobs.h"
#include "store/codec.h"
#include "store/open_reel.h"
#include "store/packed_files.h"
#include "store/page.h"
#include "store/reel_rewrite.h"
#include "tests/fuzz/patched_file.h"
#include "tests/places.h"
#include "tests/store/test_reel.h"

namespace labreel {
namespace {

std::string text_of_bytes(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> corpus(const std::string& target) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() + "/tests/fuzz/corpus/" + target)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

EventBody encoded_and_back(const EventBody& body) {
  const std::string bytes = encode(body);
  const auto back = decode(static_cast<std::uint8_t>(kind_of(body)), bytes_of_text(bytes));
  REQUIRE(back.ok());
  CHECK(encode(*back) == bytes);
  return *back;
}

// Encodes each event of a page again; returns how many were compared. A frame has no codec: its payload is its bytes.
std::size_t compare_page(const PageView& view) {
  std::size_t compared = 0;
  for (std::uint64_t seq = view.head().first_seq; seq <= view.head().last_seq(); ++seq) {
    const auto event = event_of(view, seq);
    if (!event || event->kind() == EventKind::frame) continue;
    CHECK(encode(event->body) == text_of_bytes(view.payload(view.record(seq))));
    ++compared;
  }
  return compared;
}

// The same for a reel, with each of the changes that a corpus makes to it.
std::size_t compare_changed_reels(const std::string& recording, const std::string& target) {
  PatchedFile file{recording};
  std::size_t compared = 0;
  for (const auto& path : corpus(target)) {
    CAPTURE(path.string());
    const std::string changes = read_file(path);
    file.patch(reinterpret_cast<const std::uint8_t*>(changes.data()), changes.size());
    const auto reel = OpenReel::open(recording);
    if (!reel) continue;
    for (Seq seq{1}; seq <= (*reel)->end().last;) {
      const auto page = (*reel)->page_with(seq);
      if (!page) break;
      compared += compare_page(*(*page)->view);
      seq = Seq{(*page)->head().last_seq() + 1};
    }
  }
  return compared;
}

}  // namespace

TEST_CASE("a word that is not known keeps its text, and so its bytes") {
  const std::string zero("a\0b", 3);
  for (const std::string& word : {std::string{}, std::string{"later"}, std::string{"Real"}, std::string{"\xff\x1b"}, zero}) {
    CAPTURE(word);
    CHECK(std::get<LabBegun>(encoded_and_back(LabBegun{"a", "", "", 1, word, 1})).clock.text() == word);
    CHECK(std::get<NodeAdded>(encoded_and_back(NodeAdded{NodeId{1}, "h1", word, {}})).node_kind.text() == word);
    CHECK(std::get<Command>(encoded_and_back(Command{"mark", {}, word})).by.text() == word);
    CHECK(std::get<Command>(encoded_and_back(Command{"mark", {}, "page:" + word})).by.text() == "page:" + word);
    CHECK(std::get<Scenario>(encoded_and_back(Scenario{1, word, "text"})).state.text() == word);
    CHECK(std::get<Gap>(encoded_and_back(Gap{word, 1, "text", kNoPort})).where.text() == word);
    CHECK(std::get<LabEnded>(encoded_and_back(LabEnded{word})).why.text() == word);
    CHECK(std::get<LabEnded>(encoded_and_back(LabEnded{"failed: " + word})).why.text() == "failed: " + word);
    for (const std::string& why : {word, "died: " + word, "did not start: " + word}) {
      const auto stopped = std::get<NodeStopped>(encoded_and_back(NodeStopped{NodeId{1}, why}));
      CHECK(text_of(stop_reason_of(stopped.why)) == why);
    }
    for (const std::string& step : {word, "at 5s: wait for " + word, "watch " + word, std::string(kHoldsAfter) + word}) {
      CHECK(std::get<Scenario>(encoded_and_back(Scenario{1, StepStateKind::begun, step})).detail == step);
    }
  }
}

TEST_CASE("what decodes in the fuzzers' corpus of bodies is encoded to the same bytes") {
  std::size_t compared = 0;
  for (const auto& path : corpus("codec")) {
    CAPTURE(path.string());
    const std::string input = read_file(path);
    if (input.empty()) continue;
    const std::string payload = input.substr(1);
    const auto body = decode(static_cast<std::uint8_t>(input[0]), bytes_of_text(payload));
    if (!body) continue;
    CHECK(encode(*body) == payload);
    ++compared;
  }
  CHECK(compared >= 1);
}

TEST_CASE("every event of the fuzzers' corpus of pages and reels is encoded to the same bytes") {
  std::size_t compared = 0;
  for (const auto& path : corpus("page")) {
    CAPTURE(path.string());
    const std::string image = read_file(path);
    PageBuffer page;
    std::byte* const bytes = page.resize(image.size());
    std::copy_n(reinterpret_cast<const std::byte*>(image.data()), image.size(), bytes);
    if (image.size() > 32) {
      const XXH128_hash_t hash = XXH3_128bits(bytes + 32, image.size() - 32);
      std::memcpy(bytes + 16, &hash.low64, sizeof(hash.low64));
      std::memcpy(bytes + 24, &hash.high64, sizeof(hash.high64));
    }
    if (const auto view = PageView::check(page)) compared += compare_page(*view);
  }
  const Recording recording{true};
  compared += compare_changed_reels(recording.reel(), "reel");
  CHECK(compared >= 3);
}

TEST_CASE("every event of the fuzzers' corpus of small reels, compressed and with blobs, is encoded to the same bytes") {
  const Recording recording{true};
  {
    const auto writer = BlobWriter::open(recording.reel());
    REQUIRE(writer.ok());
    REQUIRE((*writer)->put("image", "layer", 0, std::string(3'000, 'c')).ok());
    REQUIRE((*writer)->commit().ok());
  }
  REQUIRE(settle_reel(recording.reel(), Pages::compressed).ok());
  CHECK(compare_changed_reels(recording.reel(), "small_reel") >= 3);
}

TEST_CASE("every event of the fuzzers' corpus of reels with packed files is encoded to the same bytes") {
  const Recording recording{true};
  bool is_packed = false;
  const auto packed = pack_files(
      recording.reel(),
      [&](PackedFile& file) -> Result<bool> {
        file = {{"lab.yml", 0644, 1, 10}, "name: lab\n"};
        return !std::exchange(is_packed, true);
      },
      PackedBefore::refuse);
  REQUIRE(packed);
  CHECK(compare_changed_reels(recording.reel(), "packed") >= 3);
}

TEST_CASE("a cable may have twenty-four settings, and what the first eight changed has the bytes that it had") {
  LinkChanged changed{PortId{1}, Direction::out, CableSettings{}, 0};
  const auto as_stored = [&](CableFields fields) {
    changed.changed = fields;
    CHECK(std::get<LinkChanged>(encoded_and_back(changed)).changed == fields);
    return encode(changed);
  };
  // The head of the struct, then port, direction, changed, and two bytes for more.
  const std::string eight = as_stored(0xFF);
  CHECK(eight.substr(8, 8) == std::string("\1\0\0\0\0\xff\0\0", 8));
  const std::string more = as_stored(0xA5'01'00);
  CHECK(more.size() == eight.size());
  CHECK(more.substr(8, 8) == std::string("\1\0\0\0\0\0\x01\xa5", 8));
}

}  // namespace labreel
