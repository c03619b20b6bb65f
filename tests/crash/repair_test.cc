// check --repair, one test a kind of damage: the longest valid prefix, all that can be read behind it, and a stated gap.
#include <catch2/catch.hpp>

#include "damage.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

std::vector<std::uint64_t> seqs(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t seq = from; seq <= to; ++seq) all.push_back(seq);
  return all;
}

}  // namespace

TEST_CASE("repairing a sealed reel with a flipped page keeps every other page's events under their numbers", "[repair]") {
  Specimen specimen{SpecimenState::sealed, 11, 60};
  for (const PagePlace& page : specimen.pages()) {
    specimen.flip(SpecimenFile::reel, page.at + 200, 0x80);
    const Repaired repaired = repair(specimen);
    INFO("page " << page.number << ": " << repaired.findings);
    REQUIRE(repaired.complaint == "");
    REQUIRE(repaired.findings.find("page " + std::to_string(page.number) + ",") != std::string::npos);
    const bool is_last = page.last_seq == specimen.events();
    REQUIRE(repaired.gaps == (is_last ? seqs(1, 0) : seqs(page.first_seq, page.last_seq)));
    REQUIRE(repaired.events == (is_last ? page.first_seq - 1 : specimen.events()));
    specimen.flip(SpecimenFile::reel, page.at + 200, 0);
  }
}

TEST_CASE("repairing a cut-off reel with a flipped page keeps what the ring holds behind it", "[repair]") {
  Specimen specimen{SpecimenState::cut_off, 13, 120};
  REQUIRE(specimen.committed() > 0);
  REQUIRE(specimen.committed() < specimen.events());
  for (const PagePlace& page : specimen.pages()) {
    specimen.flip(SpecimenFile::reel, page.at + 150, 0x01);
    const Repaired repaired = repair(specimen);
    INFO("page " << page.number << ": " << repaired.findings);
    REQUIRE(repaired.complaint == "");
    REQUIRE(repaired.gaps == seqs(page.first_seq, page.last_seq));
    REQUIRE(repaired.events == specimen.events());
    specimen.flip(SpecimenFile::reel, page.at + 150, 0);
  }
}

TEST_CASE("repairing a reel whose ring has a flipped event keeps every event before it", "[repair]") {
  Specimen specimen{SpecimenState::in_ring, 14, 30};
  REQUIRE(specimen.committed() == 0);
  std::uint64_t at = kRingDataAt;
  for (std::uint64_t seq = 1; seq <= 20; ++seq) at += sizeof(Record) + specimen.load().payload_bytes(seq);
  specimen.flip(SpecimenFile::ring, at + 40, 0x20);
  const Repaired repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.events == 20);
  CHECK(repaired.gaps.empty());
}

TEST_CASE("repairing a reel whose ring's head is flipped or cut keeps every event that was committed", "[repair]") {
  Specimen specimen{SpecimenState::cut_off, 15, 120};
  REQUIRE(specimen.committed() > 0);
  specimen.flip(SpecimenFile::ring, 40, 0x20);
  Repaired repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.events == specimen.committed());
  specimen.cut(SpecimenFile::ring, 100);
  repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.events == specimen.committed());
}

TEST_CASE("repairing a reel whose own description is flipped keeps every event", "[repair]") {
  Specimen specimen{SpecimenState::cut_off, 16, 120};
  const std::size_t at = specimen.bytes_of(SpecimenFile::reel).find("recording");
  REQUIRE(at != std::string::npos);
  specimen.flip(SpecimenFile::reel, at, 0x04);
  const Repaired repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.events == specimen.events());
  CHECK(repaired.gaps.empty());
}

TEST_CASE("repairing a reel that died in a commit keeps every event, and the journal stays", "[repair]") {
  const Specimen specimen{SpecimenState::in_commit, 17, 120};
  const Repaired repaired = repair(specimen);
  CHECK(repaired.complaint == "");
  CHECK(repaired.findings == "");
  CHECK(repaired.events == specimen.events());
}

TEST_CASE("repairing a reel whose hot journal is cut or flipped loses nothing without a gap", "[repair]") {
  Specimen specimen{SpecimenState::in_commit, 18, 120};
  const std::uint64_t size = specimen.bytes_of(SpecimenFile::journal).size();
  for (const std::uint64_t place : sample(size, 20, 1)) {
    INFO("place " << place);
    specimen.cut(SpecimenFile::journal, place);
    CHECK(repair(specimen).complaint == "");
    specimen.restore(SpecimenFile::journal);
    specimen.flip(SpecimenFile::journal, place, 0x40);
    CHECK(repair(specimen).complaint == "");
    specimen.flip(SpecimenFile::journal, place, 0);
  }
}

}  // namespace labreel
