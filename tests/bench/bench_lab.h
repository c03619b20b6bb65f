// What the benchmarks share: a lan of some ports, frames of the three mixes, clocks, and the lines that `run` reads.
#pragma once

#include <time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/fabric.h"

namespace labreel::bench {

// The lengths of frames on the wire without their checksum, taken in turn.
//
// Units: bytes.
struct Mix {
  std::string name;
  std::vector<std::size_t> lengths;
};

inline const std::vector<Mix>& mixes() {
  static const std::vector<Mix> all{{"64", {64}},
                                    {"IMIX", {64, 64, 64, 64, 64, 64, 64, 576, 576, 576, 576, 1'500}},
                                    {"1500", {1'500}}};
  return all;
}

// Ends the program with a word if something that a benchmark relies on does not hold.
void must(bool holds, const char* what);

// Finds a mix by its name, or ends the program.
const Mix& mix_named(const std::string& name);

// The effects that make a lan of `ports` running nodes with one port each.
std::vector<EventBody> lan_effects(std::uint32_t ports, const CableSettings& settings);

// Unicast between random pairs of `ports`; the first frames come from each port in turn, so that addresses get known.
// frame[11] is the sender's number.
std::vector<std::vector<std::byte>> lan_frames(std::uint32_t ports, const Mix& mix);

inline double read_clock_s(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Wall time, this thread's processor time and the whole process's, since it was made or begun again.
struct Stopwatch {
  double wall_s = 0;
  double thread_s = 0;
  double process_s = 0;
  static Stopwatch begin();
  // What passed since `begin()`.
  Stopwatch elapsed() const;
};

// Prints one measured value: "what<TAB>mix<TAB>value".
void report(const std::string& what, const std::string& mix, double value);

}  // namespace labreel::bench
