// Power cuts: a recording whose every write and sync is known is cut at one of them, and the reader gets what may be left.
#pragma once

#include <cstdint>

#include "prefix.h"

namespace labreel {

struct PowerCut {
  std::uint64_t promised = 0;  // events whose COMMIT had returned
  std::uint64_t readable = 0;
  bool was_rolled_back = false;  // a hot journal was there
  bool ring_helped = false;      // events were read from what the disk had of the ring
  Complaint complaint;
};

// One recording, made by a seed, of which many cuts can be tried.
class CutRecording {
 public:
  // Shape: `fails_sync` makes one fsync fail, after which what it should have written stays unsure.
  CutRecording(std::uint64_t seed, bool fails_sync);
  ~CutRecording();
  CutRecording(const CutRecording&) = delete;
  CutRecording& operator=(const CutRecording&) = delete;
  PowerCut cut(std::uint64_t seed) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct CutTally {
  std::uint64_t cuts = 0;
  std::uint64_t rolled_back = 0;
  std::uint64_t from_ring = 0;  // cuts after which the ring had more than the reel
  std::uint64_t promised = 0;   // events, in all
  std::uint64_t readable = 0;
  std::uint64_t failed_seed = 0;
  Complaint complaint;
};
CutTally run_power_cuts(std::uint64_t cuts, std::uint64_t seed);
std::string words_of(const CutTally& tally);

}  // namespace labreel
