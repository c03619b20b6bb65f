// What a recording came to, and when: its markers and conditions, its copies and why they were dropped.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"

namespace labreel {

// A marker, or a condition of the scenario that came to hold or ceased to.
struct Milestone {
  std::string name;  // "marker cut", "step 3: wait for r1: …", "watch …"; the second of a name ends in "#2"
  Seq seq;
  LabTime time;
};

inline constexpr std::size_t kMilestones_max = 1000;  // later ones are not kept

struct Survey {
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t copies = 0;
  std::uint64_t delivered = 0;                          // by final outcomes, as `info` counts
  std::array<std::uint64_t, kReasonCount> dropped{};  // by Reason
  std::vector<Milestone> milestones;
  bool complete = false;
  std::optional<Error> damage;  // what is behind it was not read
};

// Reads a whole recording, or all of it before the first damage.
Survey survey(const EventLog& log);

// One milestone of both recordings. A side that did not get there has none.
//
// Units: `since` is the time from the milestone before it in the same recording (or the lab's begin): how long it took
//        to get there.
struct MilestonePair {
  struct At {
    LabTime time;
    std::uint64_t since_ns = 0;
  };
  std::string name;
  std::optional<At> a;
  std::optional<At> b;
};
// In the order of the first recording; what only the second has comes last.
std::vector<MilestonePair> pair_milestones(const Survey& a, const Survey& b);

}  // namespace labreel
