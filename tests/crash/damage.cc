#include "damage.h"

#include <algorithm>
#include <functional>
#include <random>

#include "store/format.h"
#include "store/reel_check.h"

namespace labreel {
namespace {

void count(DamageTally& tally, const Reading& reading, const std::string& what) {
  ++tally.places;
  tally.noticed += reading.was_noticed ? 1 : 0;
  tally.with_events += reading.was_noticed && reading.events > 0 ? 1 : 0;
  if (!reading.complaint.empty()) tally.complaint = what + ": " + reading.complaint;
}

std::uint8_t drawn_mask(std::uint64_t place) {
  const std::uint64_t word = (place + 1) * 0x9E3779B97F4A7C15;
  return static_cast<std::uint8_t>(1 + (word >> 40U) % 255);
}

std::string all_bytes(const Specimen& specimen) {
  std::string all;
  for (const SpecimenFile file : {SpecimenFile::reel, SpecimenFile::journal, SpecimenFile::ring}) {
    all += content_of(specimen.path_of(file)) + '\n';
  }
  return all;
}

}  // namespace

std::string words_of(const DamageTally& tally) {
  std::string words = std::to_string(tally.places) + " places, " + std::to_string(tally.noticed) + " noticed (" +
                      std::to_string(tally.with_events) + " after events that were read), " +
                      std::to_string(tally.places - tally.noticed) + " inert";
  return tally.complaint.empty() ? words : words + "; FAILED at " + tally.complaint;
}

DamageTally flip_bytes(Specimen& specimen, SpecimenFile file, const std::vector<std::uint64_t>& places, std::uint8_t mask) {
  DamageTally tally;
  for (const std::uint64_t at : places) {
    const std::uint8_t bits = mask != 0 ? mask : drawn_mask(at);
    specimen.flip(file, at, bits);
    count(tally, specimen.read(), "byte " + std::to_string(at) + " flipped by " + std::to_string(bits));
    specimen.flip(file, at, 0);
    if (!tally.complaint.empty()) break;
  }
  return tally;
}

DamageTally cut_file(Specimen& specimen, SpecimenFile file, std::vector<std::uint64_t> lengths) {
  DamageTally tally;
  std::sort(lengths.rbegin(), lengths.rend());
  for (const std::uint64_t length : lengths) {
    specimen.cut(file, length);
    count(tally, specimen.read(), "length " + std::to_string(length));
    if (!tally.complaint.empty()) break;
  }
  specimen.restore(file);
  return tally;
}

std::vector<std::uint64_t> every(std::uint64_t size, std::uint64_t step, std::uint64_t seed) {
  std::vector<std::uint64_t> places;
  for (std::uint64_t at = seed % step; at < size; at += step) places.push_back(at);
  return places;
}

std::vector<std::uint64_t> sample(std::uint64_t size, std::uint64_t count, std::uint64_t seed) {
  std::mt19937_64 draw(seed);
  std::vector<std::uint64_t> places(count);
  std::generate(places.begin(), places.end(), [&] { return draw() % size; });
  return places;
}

std::vector<NamedTally> run_all_damage(std::uint64_t step, std::uint64_t long_cuts, std::uint64_t seed) {
  std::vector<NamedTally> tallies;
  const auto add = [&](const std::string& name, const std::function<DamageTally()>& run) { tallies.push_back({name, run()}); };
  struct Target {
    const char* name;
    SpecimenState state;
    SpecimenFile file;
    std::uint64_t events;
  };
  for (const Target& target : {Target{"sealed reel", SpecimenState::sealed, SpecimenFile::reel, 40},
                               Target{"cut-off reel", SpecimenState::cut_off, SpecimenFile::reel, 80},
                               Target{"ring", SpecimenState::in_ring, SpecimenFile::ring, 30},
                               Target{"hot journal", SpecimenState::in_commit, SpecimenFile::journal, 120}}) {
    Specimen specimen{target.state, 1, target.events};
    const std::vector<std::uint64_t> places = every(specimen.bytes_of(target.file).size(), step, seed);
    add(std::string(target.name) + ", flipped", [&] { return flip_bytes(specimen, target.file, places, 0); });
    add(std::string(target.name) + ", cut", [&] { return cut_file(specimen, target.file, places); });
  }
  Specimen longer{SpecimenState::sealed, 2, 10'000};
  add("long reel, cut", [&] {
    return cut_file(longer, SpecimenFile::reel, sample(longer.bytes_of(SpecimenFile::reel).size(), long_cuts, seed));
  });
  return tallies;
}

Repaired repair(const Specimen& specimen) {
  Repaired repaired;
  const ScratchFolder folder;
  const std::string output = folder.file("repaired.reel");
  const std::string before = all_bytes(specimen);
  const Result<ReelReport> report = repair_reel(specimen.path(), output);
  const auto complain = [&](const std::string& what) {
    repaired.complaint = what;
    return repaired;
  };
  if (!report) return complain("repair gives up: " + report.error().what);
  for (const ReelFinding& finding : report->findings) repaired.findings += finding.place + ": " + finding.what + "\n";
  if (all_bytes(specimen) != before) return complain("repair changed the original");
  const Result<ReelReport> check = check_reel(output);
  if (!check || !check->findings.empty() || !check->complete) return complain("the repaired reel is not whole and sealed");
  const Result<ReelReader> reader = ReelReader::open(output);
  ReelReader::Cursor cursor = reader->events();
  Event event{};
  for (Result<bool> more = cursor.next(event); more && *more; more = cursor.next(event)) {
    const auto* const gap = std::get_if<Gap>(&event.body);
    if (gap == nullptr && !specimen.load().is(event)) {
      return complain("event " + std::to_string(event.seq.value) + " is not what was appended");
    }
    if (gap != nullptr && !gap->reason.starts_with("damaged: ")) return complain("a gap without its reason");
    if (gap != nullptr) repaired.gaps.push_back(event.seq.value);
    repaired.events = event.seq.value;
  }
  // The last one says that nothing more can be read; it stands for no event.
  const bool is_marked = !repaired.gaps.empty() && repaired.gaps.back() == repaired.events;
  if (is_marked == repaired.findings.empty()) return complain("the damage is not stated where it ends");
  if (is_marked) {
    repaired.gaps.pop_back();
    --repaired.events;
  }
  return repaired;
}

}  // namespace labreel
