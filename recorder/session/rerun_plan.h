// RerunPlan: what people did to a recorded lab, each thing at its offset from what the lab had come to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "engine/lab/lab_file.h"
#include "recorder/session/recorded_lab.h"

namespace labreel {

// What a lab came to: a condition of its scenario that was found to hold, or (step 0) that all its nodes run.
//
// Shape: `occurrence` counts from 1; step 0 with occurrence 0 is the lab's begin. Conditions of a watch are none: nothing
//        says that they ever come to hold again, and a lab must not wait for them for ever.
struct Anchor {
  std::uint32_t step = 0;
  unsigned occurrence = 0;
  auto operator<=>(const Anchor&) const = default;
};

// Tells from a lab's events, given in order, which anchors it reaches.
class AnchorWatch {
 public:
  std::optional<Anchor> see(Seq seq, Seq cause, const EventBody& body);

 private:
  Seq run_command_;
  std::map<std::uint32_t, unsigned> seen_;
};

// Units: the times in `typed` and `stop_after_ns` are offsets from the anchor.
struct RerunPlan {
  LabBegun begun;
  LabFile file;
  std::vector<std::pair<Anchor, TypedCommand>> commands;
  // When a person ended the lab (or its recording was cut off); none if it ended by itself.
  std::optional<Anchor> stop_anchor;
  std::uint64_t stop_after_ns = 0;
  EndReason why = {};  // as `lab.ended` is to say it
};

// Shape: the lab's node files are found beside `lab_file`.
// Errors: an imported reel, a branch, a reel of several runs; a lab file that this version does not take; damage.
// Source: ARCHITECTURE.md, "Levels of replay": rerun.
Result<RerunPlan> plan_rerun(const EventLog& log, const std::string& lab_file);

}  // namespace labreel
