// Whether one of two recordings is a branch of the other, and where it left it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/event_log.h"

namespace labreel {

struct BranchRelation {
  enum class Kind : std::uint8_t {
    b_of_a,
    a_of_b,
    same_lab,  // of the same lab file, and at least one is a branch: of a third one, or of one that was since changed
  };
  Kind kind{};
  Seq position;  // the last event in common by what the branch says
  bool operator==(const BranchRelation&) const = default;
};

// Shape: a branch is known by its parent's digest at the branch point. None if neither is a branch, or of another lab.
std::optional<BranchRelation> branch_relation(const EventLog& a, const EventLog& b);

// Returns "b is a branch of a at event 352".
std::string relation_text(const BranchRelation& relation);

}  // namespace labreel
