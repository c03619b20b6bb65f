// A reel that SQLite does not read any more: every event whose page is whole is read all the same.
#include <catch2/catch.hpp>

#include "damage.h"
#include "store/format.h"

namespace labreel {
namespace {

constexpr std::uint64_t kDatabasePage = kDatabasePage_bytes;
// The tables' first pages, in the order in which they are made: sqlite_schema, meta, page, block_hash, note …
constexpr std::uint64_t kMetaAt = 1 * kDatabasePage;
constexpr std::uint64_t kPageTableAt = 2 * kDatabasePage;
constexpr std::uint64_t kNotesAt = 4 * kDatabasePage;

// Cuts at every border of a database page, and between.
void cut_everywhere(Specimen& specimen) {
  const std::vector<std::uint64_t> events = specimen.events_by_length();
  REQUIRE(events.back() == specimen.events());
  std::uint64_t lengths_with_events = 0;
  for (std::uint64_t pages = events.size() - 1; pages-- > 0;) {
    for (const std::uint64_t more : {kDatabasePage - 1, kDatabasePage / 3, std::uint64_t{0}}) {
      const std::uint64_t length = pages * kDatabasePage + more;
      specimen.cut(SpecimenFile::reel, length);
      const Reading reading = specimen.read();
      INFO("cut to " << length << " bytes: " << reading.place << " " << reading.complaint);
      REQUIRE(reading.complaint == "");
      REQUIRE(reading.events >= events[pages]);
      REQUIRE(reading.events <= events[more == 0 ? pages : pages + 1]);
      lengths_with_events += reading.events > 0 ? 1 : 0;
      const bool is_whole = pages + 1 == events.size() - 1 && more > 0;  // SQLite leaves the end of many pages empty
      if (!is_whole) REQUIRE(reading.was_noticed);
      if (reading.events > 0 && !is_whole) {
        REQUIRE(reading.place.find(": byte " + std::to_string(length)) != std::string::npos);
      }
    }
    if (pages % 16 == 3) CHECK(repair(specimen).complaint == "");
  }
  CHECK(lengths_with_events > events.size());
  specimen.restore(SpecimenFile::reel);
}

// Every event is there, though something else is not; and a repair makes it whole.
void reads_all(const Specimen& specimen) {
  const Reading reading = specimen.read();
  CHECK(reading.complaint == "");
  CHECK(reading.was_noticed);
  CHECK(reading.events == specimen.events());
  const Repaired repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.gaps.empty());
  CHECK(repaired.events == specimen.events());
}

}  // namespace

TEST_CASE("wherever a reel of long pages is cut off, every event is read whose page is whole", "[salvage]") {
  Specimen specimen{SpecimenState::sealed, 21, 8'000, 100 << 10};
  cut_everywhere(specimen);
}

TEST_CASE("wherever a reel of short pages is cut off, every event is read whose page is whole", "[salvage]") {
  Specimen specimen{SpecimenState::sealed, 22, 3'000, 4096};
  cut_everywhere(specimen);
}

TEST_CASE("a reel whose first database page is lost or wrong is read from end to end", "[salvage]") {
  Specimen specimen{SpecimenState::sealed, 23, 300};
  specimen.blank(SpecimenFile::reel, 0, kDatabasePage);
  reads_all(specimen);
  specimen.restore(SpecimenFile::reel);
  specimen.blank(SpecimenFile::reel, 16, 60);  // the numbers in its head
  reads_all(specimen);
  specimen.restore(SpecimenFile::reel);
  specimen.blank(SpecimenFile::reel, kDatabasePage / 2, kDatabasePage / 2);  // the tables' names
  reads_all(specimen);
}

TEST_CASE("a reel whose description is lost with its first database page is read from end to end", "[salvage]") {
  Specimen specimen{SpecimenState::sealed, 24, 300};
  specimen.blank(SpecimenFile::reel, 0, 2 * kDatabasePage);
  reads_all(specimen);
}

TEST_CASE("a reel whose page table's first page is lost is read from end to end", "[salvage]") {
  Specimen specimen{SpecimenState::sealed, 25, 2'000};
  specimen.blank(SpecimenFile::reel, kPageTableAt, kDatabasePage);
  reads_all(specimen);
  specimen.blank(SpecimenFile::reel, kMetaAt, kDatabasePage);
  reads_all(specimen);
}

TEST_CASE("a reel that lost its notes' table and its first database page is read from end to end", "[salvage]") {
  Specimen specimen{SpecimenState::sealed, 26, 300};
  specimen.blank(SpecimenFile::reel, 0, kDatabasePage);
  CHECK(ReelReader::open(specimen.path())->notes().size() == 2);
  specimen.blank(SpecimenFile::reel, kNotesAt, kDatabasePage);
  CHECK(ReelReader::open(specimen.path())->notes().empty());
  reads_all(specimen);
}

TEST_CASE("a cut-off reel that lost its end keeps what its ring holds, behind gaps", "[salvage]") {
  Specimen specimen{SpecimenState::cut_off, 27, 3'000, 4096};
  REQUIRE(specimen.committed() > 1'000);
  REQUIRE(specimen.committed() < specimen.events());
  const std::vector<std::uint64_t> events = specimen.events_by_length();
  const std::uint64_t pages = specimen.bytes_of(SpecimenFile::reel).size() / kDatabasePage;
  specimen.cut(SpecimenFile::reel, (pages - 4) * kDatabasePage);
  const Reading reading = specimen.read();
  CHECK(reading.complaint == "");
  CHECK(reading.events == events[pages - 4]);
  const Repaired repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.events == specimen.events());
  REQUIRE(repaired.gaps.size() == specimen.committed() - reading.events);
  CHECK(repaired.gaps.front() == reading.events + 1);
}

TEST_CASE("a repair of a reel that lost database pages in its middle keeps what lies behind them", "[salvage]") {
  Specimen specimen{SpecimenState::sealed, 28, 8'000, 100 << 10};
  const std::vector<std::uint64_t> events = specimen.events_by_length();
  const std::uint64_t lost = events.size() * 2 / 3;
  REQUIRE(events[lost] > 0);
  specimen.blank(SpecimenFile::reel, 0, kDatabasePage);
  specimen.blank(SpecimenFile::reel, lost * kDatabasePage, 2 * kDatabasePage);
  const Repaired repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.events == specimen.events());
  REQUIRE_FALSE(repaired.gaps.empty());
  CHECK(repaired.gaps.front() == events[lost] + 1);
  CHECK(repaired.gaps.size() < 2'000);
}

}  // namespace labreel
