// A ReelDiff as JSON and as words.
#pragma once

#include <string>

#include "replay/diff/reel_diff.h"

namespace labreel {

// Shape:  ARCHITECTURE.md, "JSON", and, beside it, `ignored`, the counts, both recordings' figures, and their milestones side
//         by side. The events of first_difference have their payload.
// Source: replay/README.md, "diff".
std::string to_json(const ReelDiff& diff);

// What each side is called in the words: its file.
struct SideNames {
  std::string a;
  std::string b;
};
// `all`: every listed event is shown, not only the first of each side.
std::string to_text(const ReelDiff& diff, const SideNames& names, bool all = false);

}  // namespace labreel
