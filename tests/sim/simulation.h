// One simulated recording: a random lab on a simulated host, recorded into a real reel on a simulated disk, often gone
// on with by later recorders; and the oracle that looks at what each of them left.
#pragma once

#include <cstdint>
#include <string>

namespace labreel::sim {

struct SimResult {
  std::string complaint = {};  // what is wrong, for people; empty if nothing is
  std::string story = {};      // the last events before the complaint
  std::uint64_t hash = 0;      // of every event that was handed to the reel
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t left_out = 0;  // frames that --lossy cut short or only counted
  std::uint64_t went_on_in_gap = 0;  // recorders that went on with a reel that ends in a gap
  std::uint64_t commands = 0;  // live ones, from outside
  std::uint64_t lab_time_ns = 0;
  std::uint64_t lives = 0;    // recorders: the first, and those that went on with its reel
  std::string accident = {};  // what happened to the reel: "none", "killed" …: to the first recorder
};

// Records the lab of a seed into FOLDER/sim.reel and checks it.
//
// Shape: all that happens to the lab depends on the seed alone. The reel's writer is a real thread: where pages and
//        commits end does not.
SimResult simulate(std::uint64_t seed, const std::string& folder);

// The last events of the simulation that runs now: for the last words of a process whose checks failed.
std::string story_so_far();

}  // namespace labreel::sim
