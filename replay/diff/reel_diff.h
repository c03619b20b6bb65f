// ReelDiff: where two recordings part, and what only one of them has.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/diff/aspects.h"
#include "replay/diff/branch_relation.h"
#include "replay/diff/content_matcher.h"
#include "replay/diff/differing_fields.h"
#include "replay/diff/milestones.h"

namespace labreel {

// An event as it is shown, with the names of its own recording.
struct ShownEvent {
  Seq seq;
  std::string json;
  std::string text;
  std::string what;  // the text without number and time
};

// Shape: without aspects to ignore, the first event whose digest differs; with `order` among them, the first that only one
//        side has (and the other side's first such); else the first that does not say the same. A side is missing where
//        its recording has ended, or with `order` where all of it is in the other, too.
struct FirstDifference {
  std::optional<ShownEvent> a;
  std::optional<ShownEvent> b;
  std::optional<ShownEvent> last_common;  // before it; with `order`, of the side that has the difference
  std::vector<FieldDifference> fields;    // where both sides have an event of the same kind
};

// Two of the listed events that are of one kind and read alike, but differ inside.
struct ChangedEvent {
  Seq a, b;
  std::vector<FieldDifference> fields;
};

struct ReelDiff {
  Aspects ignored = 0;
  std::optional<FirstDifference> first;
  // Matched by what they say, whatever their number and time: from the first difference on.
  std::array<OnlyIn, 2> only_in;
  std::array<std::vector<ShownEvent>, 2> listed;  // the first of each
  std::vector<ChangedEvent> changed;              // in order of a
  std::optional<BranchRelation> branch;
  std::array<Survey, 2> surveys;
  // Says whether nothing was found that differs, and nothing stayed unread.
  bool identical() const { return !first && !surveys[0].damage && !surveys[1].damage; }
};

// Compares two recordings, sealed, cut off or damaged: as far as they can be read.
//
// Shape:  nothing is kept of an event but a hash while it waits for its like: memory does not grow with the recordings, but for
//         those that are listed, `listed_max` a side. Of a branch and its parent, that it is a branch is no difference by itself:
//         they part where they really do.
// Errors: a recording of which not even the first event can be read.
// Source: ARCHITECTURE.md, "The reel" (the digest).
Result<ReelDiff> diff_reels(const EventLog& a, const EventLog& b, Aspects ignored = 0, std::size_t listed_max = kListedOnlyIn);

}  // namespace labreel
