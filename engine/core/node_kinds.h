// The kinds of node that this version has, in one table: lab files, commands and engines ask it.
#pragma once

#include <array>
#include <string_view>

#include "engine/core/wire_words.h"

namespace labreel {

struct NodeKindFacts {
  NodeKindName kind;
  ClockKind clock;  // of the labs that it can be in
};
// A lab's nodes that name no kind are of the first that its clock allows.
inline constexpr std::array<NodeKindFacts, 2> kNodeKinds{
    {{NodeKindName::host_namespace, ClockKind::real}, {NodeKindName::uml, ClockKind::virtual_time}}};

// Returns what is known of a kind; nullptr if this version has no such nodes.
inline const NodeKindFacts* facts_of(const NodeKind& kind) {
  for (const NodeKindFacts& facts : kNodeKinds) {
    if (kind == facts.kind) return &facts;
  }
  return nullptr;
}

// Returns the kind of a node that names none; `other` for a clock by which no lab runs.
inline NodeKindName default_kind_of(const LabClock& clock) {
  for (const NodeKindFacts& facts : kNodeKinds) {
    if (clock == facts.clock) return facts.kind;
  }
  return NodeKindName::other;
}

}  // namespace labreel
