// The oracle: what must hold for what a simulated recording left behind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/fabric.h"
#include "recorder/session/lossy_sink.h"
#include "store/reel_writer.h"
#include "tests/sim/story.h"

namespace labreel::sim {

// The live fabric at one moment between two turns of the loop.
struct Moment {
  Seq seq;
  LabTime time;
  std::string state;
};

// What a recording left, beside its reel.
struct Remains {
  const Story& story;
  WriterState writer;           // its last words
  bool was_killed = false;      // it was not asked to seal
  std::vector<Moment> moments;  // some from the lab's life, and its end, if the reel leads there
  FabricCounts counts;          // at the end
  LeftOut left_out = {};        // by --lossy
  std::uint64_t uncounted = 0;  // of these, frames whose gap a kill took
  std::uint64_t forgotten = 0;  // frames that earlier recorders' fabrics counted, and this one's does not
};

// Compares a reel that nobody writes any more with what is known of its lab, and returns what is wrong, or nothing.
//
// Shape:  events, digest, `check`, the fabric level of `verify`, conservation (by the live counts, too), the projection
//         at each moment; a cut-off reel is also repaired, and the copy must hold the same.
std::string find_fault(const std::string& reel, const Remains& remains);

}  // namespace labreel::sim
