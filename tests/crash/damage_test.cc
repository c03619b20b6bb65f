// Damage's part of the test run; crash_rounds tries every byte.
#include <catch2/catch.hpp>

#include "damage.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

constexpr std::uint64_t kSeed = 20'261;

void passes(const DamageTally& tally) {
  WARN(words_of(tally));
  CHECK(tally.complaint == "");
  CHECK(tally.places > 0);
}

std::vector<std::uint64_t> range(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> places;
  for (std::uint64_t at = from; at < to; ++at) places.push_back(at);
  return places;
}

}  // namespace

TEST_CASE("whichever byte of a sealed reel is flipped, it is noticed with its place, or changes nothing", "[damage]") {
  Specimen specimen{SpecimenState::sealed, 1, 40};
  passes(flip_bytes(specimen, SpecimenFile::reel, sample(specimen.bytes_of(SpecimenFile::reel).size(), 1'500, kSeed), 0));
}

TEST_CASE("wherever a small sealed reel is cut off, an exact prefix is read, and the cut is noticed", "[damage]") {
  Specimen specimen{SpecimenState::sealed, 1, 40};
  const DamageTally tally =
      cut_file(specimen, SpecimenFile::reel, sample(specimen.bytes_of(SpecimenFile::reel).size(), 1'500, kSeed));
  passes(tally);
  CHECK(tally.noticed > tally.places * 9 / 10);
}

TEST_CASE("a flipped byte of a page is placed in that page, and every event before the page is read", "[damage]") {
  for (const SpecimenState state : {SpecimenState::sealed, SpecimenState::cut_off}) {
    Specimen specimen{state, 3, 80};
    const std::vector<PagePlace> pages = specimen.pages();
    REQUIRE(pages.size() > 5);
    for (const PagePlace& page : pages) {
      for (const std::uint64_t byte : sample(page.bytes, 40, page.number)) {
        specimen.flip(SpecimenFile::reel, page.at + byte, 0x10);
        const Reading reading = specimen.read();
        INFO("page " << page.number << ", byte " << byte << ": " << reading.place << " " << reading.complaint);
        REQUIRE(reading.complaint.empty());
        REQUIRE(reading.place.find("page " + std::to_string(page.number) + ",") != std::string::npos);
        REQUIRE(reading.events == page.first_seq - 1);
        specimen.flip(SpecimenFile::reel, page.at + byte, 0);
      }
    }
  }
}

TEST_CASE("whichever byte of a ring's head, points or notes is flipped, it is noticed or changes nothing", "[damage]") {
  Specimen specimen{SpecimenState::in_ring, 4, 30};
  for (const int mask : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
    passes(flip_bytes(specimen, SpecimenFile::ring, range(0, sizeof(RingHead) + 8), static_cast<std::uint8_t>(mask)));
    passes(flip_bytes(specimen, SpecimenFile::ring, range(kRingLiveAt, kRingLiveAt + 256), static_cast<std::uint8_t>(mask)));
    passes(flip_bytes(specimen, SpecimenFile::ring, range(kRingNotesAt, kRingNotesAt + 160), static_cast<std::uint8_t>(mask)));
  }
}

TEST_CASE("a flipped byte of an event in the ring is placed at that event, and every event before it is read", "[damage]") {
  Specimen specimen{SpecimenState::in_ring, 4, 30};
  REQUIRE(specimen.committed() == 0);
  std::uint64_t at = kRingDataAt;
  for (std::uint64_t seq = 1; seq <= specimen.events(); ++seq) {
    const std::uint64_t bytes = sizeof(Record) + specimen.load().payload_bytes(seq);
    for (std::uint64_t byte = 0; byte < bytes; ++byte) {
      specimen.flip(SpecimenFile::ring, at + byte, 0x04);
      const Reading reading = specimen.read();
      INFO("event " << seq << ", byte " << byte << ": " << reading.place << " " << reading.complaint);
      REQUIRE(reading.complaint.empty());
      REQUIRE(reading.place.find("byte " + std::to_string(at)) != std::string::npos);
      REQUIRE(reading.events == seq - 1);
      specimen.flip(SpecimenFile::ring, at + byte, 0);
    }
    at += bytes;
  }
}

TEST_CASE("wherever a ring is cut off, what is in the reel is read, and the cut is noticed", "[damage]") {
  Specimen specimen{SpecimenState::cut_off, 5, 120};
  REQUIRE(specimen.committed() > 0);
  const std::uint64_t size = specimen.bytes_of(SpecimenFile::ring).size();
  const DamageTally tally = cut_file(specimen, SpecimenFile::ring, sample(size, 500, kSeed));
  passes(tally);
  CHECK(tally.noticed == tally.places);
  CHECK(tally.with_events == tally.places);
}

TEST_CASE("a hot journal flipped anywhere gives an exact prefix, and what it costs is said", "[damage]") {
  Specimen specimen{SpecimenState::in_commit, 6, 120};
  const std::uint64_t size = specimen.bytes_of(SpecimenFile::journal).size();
  passes(flip_bytes(specimen, SpecimenFile::journal, range(0, 64), 0));
  passes(flip_bytes(specimen, SpecimenFile::journal, sample(size, 500, kSeed), 0));
}

TEST_CASE("a hot journal cut off anywhere gives an exact prefix, and what it costs is said", "[damage]") {
  Specimen specimen{SpecimenState::in_commit, 6, 120};
  passes(cut_file(specimen, SpecimenFile::journal, sample(specimen.bytes_of(SpecimenFile::journal).size(), 500, kSeed)));
}

}  // namespace labreel
