// What is said of a damaged ring, and where: each part of it by itself.
#include "sealed_reel.h"
#include "store/ring.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

// A dead recorder's ring with two notes in it.
struct DeadRing {
  TempFolder folder;
  std::string path = folder.file("a.reel-ring");
  std::string bytes;

  DeadRing() {
    const auto writer = ReelWriter::create(folder.file("a.reel"), uncommitted_options(8));
    Script script{*writer};
    script.fill(10);
    writer->note("first", "detail of the first");
    writer->note("second kind", "and of the second");
    bytes = read_file(path);
  }
  // What is said after a change of its bytes.
  Error damage_after(const std::function<void(std::string&)>& change) const {
    std::string changed = bytes;
    change(changed);
    write_file(path, changed);
    const Result<std::optional<RingFile>> ring = RingFile::read(path);
    if (!ring) return ring.error();
    REQUIRE((*ring)->damage());
    return *(*ring)->damage();
  }
  std::string place(std::uint64_t byte) const { return path + ": byte " + std::to_string(byte); }
};

}  // namespace

TEST_CASE("the notes in a ring are read with their words and their places") {
  const DeadRing dead;
  const Result<std::optional<RingFile>> ring = RingFile::read(dead.path);
  REQUIRE(ring.ok());
  REQUIRE((*ring)->notes().size() == 2);
  CHECK((*ring)->notes()[0].note.kind == "first");
  CHECK((*ring)->notes()[0].note.detail == "detail of the first");
  CHECK((*ring)->notes()[1].note.kind == "second kind");
  CHECK((*ring)->notes()[1].note.detail == "and of the second");
  CHECK((*ring)->notes()[1].number == (*ring)->notes()[0].number + 1);
}

TEST_CASE("whichever byte of a ring's head is flipped, the head is damaged") {
  const DeadRing dead;
  for (std::size_t at = 0; at < sizeof(RingHead); ++at) {
    INFO("byte " << at);
    const Error damage = dead.damage_after([&](std::string& bytes) { bytes[at] = static_cast<char>(bytes[at] ^ 1); });
    CHECK(damage.what == "the head of the ring is damaged");
    CHECK(damage.place == dead.place(0));
  }
}

TEST_CASE("a ring that lost its end is cut short, with its length") {
  const DeadRing dead;
  const Error damage = dead.damage_after([](std::string& bytes) { bytes.resize(bytes.size() - 1); });
  CHECK(damage.what == "the ring is cut short");
  CHECK(damage.place == dead.place(dead.bytes.size() - 1));
}

TEST_CASE("what is damaged in a ring is said with the byte where it lies, and the first of two is said") {
  const DeadRing dead;
  const auto flip_at = [](std::uint64_t at) {
    return [at](std::string& bytes) { bytes[at] = static_cast<char>(bytes[at] ^ 1); };
  };
  const auto second_entry = [&] {
    Record record;
    std::memcpy(&record, dead.bytes.data() + kRingDataAt, sizeof(record));
    return kRingDataAt + sizeof(Record) + padded(record.payload_length);
  }();
  const Error entry = dead.damage_after(flip_at(second_entry + 8));
  CHECK(entry.what == "event 2 in the ring is damaged");
  CHECK(entry.place == dead.place(second_entry));
  const Error note = dead.damage_after(flip_at(kRingNotesAt + sizeof(RingNote)));
  CHECK(note.what == "a host note in the ring is damaged");
  CHECK(note.place == dead.place(kRingNotesAt));
  const std::uint64_t second_note = kRingNotesAt + padded(sizeof(RingNote) + std::string("firstdetail of the first").size());
  CHECK(dead.damage_after(flip_at(second_note + sizeof(RingNote))).place == dead.place(second_note));
  // The count of refused events is a word that guards itself, somewhere behind the points.
  std::size_t refused = 0;
  for (std::uint64_t at = kRingLiveAt; at < kRingNotesAt; ++at) {
    std::string changed = dead.bytes;
    flip_at(at)(changed);
    write_file(dead.path, changed);
    const Result<std::optional<RingFile>> ring = RingFile::read(dead.path);
    if (!ring || !(*ring)->damage() || (*ring)->damage()->what != "the number of events that were refused is damaged") continue;
    ++refused;
    CHECK((*ring)->damage()->place == dead.place(at / 8 * 8));
  }
  CHECK(refused == 8);
  const Error both = dead.damage_after([&](std::string& bytes) {
    flip_at(kRingNotesAt + sizeof(RingNote))(bytes);
    flip_at(second_entry + 8)(bytes);
  });
  CHECK(both.what == entry.what);
}

}  // namespace labreel
