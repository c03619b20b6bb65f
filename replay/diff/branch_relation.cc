#include "replay/diff/branch_relation.h"

#include <fmt/format.h>

#include <algorithm>

namespace labreel {
namespace {

std::optional<LabBegun> beginning(const EventLog& log) {
  const auto first = log.event_at(kFirstSeq);
  const auto* begun = first ? std::get_if<LabBegun>(&first->body) : nullptr;
  return begun == nullptr ? std::nullopt : std::optional{*begun};
}

bool left(const EventLog& parent, const std::optional<BranchPoint>& branch) {
  if (!branch || branch->position > parent.last()) return false;
  const auto digest = parent.digest_at(branch->position);
  return digest && *digest == branch->digest;
}

}  // namespace

std::optional<BranchRelation> branch_relation(const EventLog& a, const EventLog& b) {
  const auto begun_a = beginning(a);
  const auto begun_b = beginning(b);
  if (!begun_a || !begun_b || (!begun_a->branch && !begun_b->branch)) return std::nullopt;
  if (left(a, begun_b->branch)) return BranchRelation{BranchRelation::Kind::b_of_a, begun_b->branch->position};
  if (left(b, begun_a->branch)) return BranchRelation{BranchRelation::Kind::a_of_b, begun_a->branch->position};
  if (begun_a->lab_file != begun_b->lab_file || begun_a->seed != begun_b->seed) return std::nullopt;
  const auto position_of = [](const LabBegun& begun) { return begun.branch ? begun.branch->position : kLastSeq; };
  return BranchRelation{BranchRelation::Kind::same_lab, std::min(position_of(*begun_a), position_of(*begun_b))};
}

std::string relation_text(const BranchRelation& relation) {
  switch (relation.kind) {
    case BranchRelation::Kind::b_of_a:
      return fmt::format("b is a branch of a at event {}", relation.position.value);
    case BranchRelation::Kind::a_of_b:
      return fmt::format("a is a branch of b at event {}", relation.position.value);
    case BranchRelation::Kind::same_lab:
      return fmt::format("branches of the same lab, the earlier one at event {}", relation.position.value);
  }
  return {};
}

}  // namespace labreel
