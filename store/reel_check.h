// Integrity of a reel: every page, index, checksum and digest; and repair into a new file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/core/result.h"
#include "store/reel_files.h"

namespace labreel {

// One thing that is wrong, with its place.
struct ReelFinding {
  std::string place;  // "page 12", "table node", "byte 4096"
  std::string what;
};

struct ReelReport {
  std::vector<ReelFinding> findings;  // empty: the reel is whole
  bool complete = false;              // sealed
  std::uint64_t events = 0;           // readable
  std::string digest;                 // of the readable prefix
  std::string summary;                // one line for people
};

// Hears how many of a reel's events are read. Called for every page.
using EventsRead = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Reads everything and compares: pages and chain, digest, indexes rebuilt, every body decoded.
// Errors: only what keeps the file from being looked at (not there, not a reel, live recorder).
Result<ReelReport> check_reel(const std::string& path, const EventsRead& read = {});
// The same, of files that were taken before.
Result<ReelReport> check_reel(const ReelFiles& files, const EventsRead& read = {});

// Writes a new, sealed reel with the longest valid prefix, plus what is readable after the damage behind `gap` events (one
// for each event that was lost, so that all others keep their numbers), and
// what a dead recorder's ring still held. The original is not touched; `output` must not exist.
Result<ReelReport> repair_reel(const std::string& path, const std::string& output);

}  // namespace labreel
