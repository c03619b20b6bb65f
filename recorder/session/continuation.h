// Continuation: a lab as its reel left it, for a run that goes on in the same reel.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/fabric.h"
#include "engine/core/result.h"
#include "engine/lab/lab_file.h"

namespace labreel {

// How many markers of each name a reel has.
using MarkerCounts = std::map<std::string, std::uint32_t>;

// What must still be recorded of the old run before a new one begins.
struct OldRun {
  std::vector<Event> awaited;  // outcomes that the last effect led to, if the recorder was killed among them
  std::vector<NodeId> alive;   // nodes that were up, or on their way
  bool has_ended = false;      // its `lab.ended` is there
  // Set if it ends in a gap of `--lossy`: copies that still fly, and that the fabric does not know of.
  std::optional<std::vector<Outcome>> unproved;
  bool may_lack_events = false;
  std::string why;  // how the reel ends, for people
  MarkerCounts markers = {};
};

struct Continuation {
  Fabric fabric;
  LabTime time;  // of the last event
  Seq last;
  OldRun old_run;
};

// Reads a reel to its end and folds it; every decision in it must come out the same.
//
// Errors: Error{usage} if the lab file is of another lab, seed or clock, or the reel is being recorded; what the reader and
//         verify say of a reel that is damaged, of another fabric version, or does not verify.
Result<Continuation> read_continuation(const std::string& reel, const LabFile& file);

}  // namespace labreel
