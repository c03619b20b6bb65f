// Damage of every kind at many places of a specimen: each is noticed with its place, or changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "specimen.h"

namespace labreel {

struct DamageTally {
  std::uint64_t places = 0;
  std::uint64_t noticed = 0;
  std::uint64_t with_events = 0;  // noticed, and events before the damage were read
  Complaint complaint;            // of the first place that failed; nothing is tried behind it
};
std::string words_of(const DamageTally& tally);

// Changes one byte at each place, by `mask` or, if that is 0, by a mask that the place's number draws.
DamageTally flip_bytes(Specimen& specimen, SpecimenFile file, const std::vector<std::uint64_t>& places, std::uint8_t mask);
// Cuts the file at each length.
DamageTally cut_file(Specimen& specimen, SpecimenFile file, std::vector<std::uint64_t> lengths);

// Every byte of a file, or every `step`th from a random one on.
std::vector<std::uint64_t> every(std::uint64_t size, std::uint64_t step = 1, std::uint64_t seed = 0);
// `count` places of a file, drawn by a seed.
std::vector<std::uint64_t> sample(std::uint64_t size, std::uint64_t count, std::uint64_t seed);

struct NamedTally {
  std::string name;
  DamageTally tally;
};
// All of it: reel, journal and ring, flipped and cut at every `step`th byte, and a long reel cut at `long_cuts` places.
std::vector<NamedTally> run_all_damage(std::uint64_t step, std::uint64_t long_cuts, std::uint64_t seed);

// A repair of what is damaged now, held against the load.
struct Repaired {
  std::vector<std::uint64_t> gaps;  // seqs of events that were lost
  std::uint64_t events = 0;         // in all, without the last gap
  std::string findings;
  Complaint complaint;
};
// Every event in its place or a gap that says so, one gap behind them that says where it ends, the reel sealed and whole,
// the damaged files not changed.
Repaired repair(const Specimen& specimen);

}  // namespace labreel
