#include "engine/core/suggest.h"

#include <algorithm>

namespace labreel {
namespace {

constexpr std::size_t kLength_max = 64;  // longer names are not compared: no lab has them

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

// Returns how many letters must be added, dropped, changed or swapped with their neighbour to get from `a` to `b`;
// case, and `-` for `_`, cost nothing.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped =
          i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view wrong, std::span<const std::string> candidates) {
  if (wrong.empty() || wrong.size() > kLength_max) return std::nullopt;
  // A third of the letters may differ, at least one: r4 is near r1, but delay is not near rate.
  const std::size_t near = std::max<std::size_t>(1, wrong.size() / 3);
  std::optional<std::string> nearest;
  std::size_t nearest_distance = near + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > wrong.size() + near || wrong.size() > candidate.size() + near) continue;
    const std::size_t distance = edit_distance(wrong, candidate);
    const bool shares_something = distance < std::max(wrong.size(), candidate.size());
    if (shares_something && distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> candidates) {
  const auto nearest = nearest_name(wrong, candidates);
  return nearest ? " (did you mean " + *nearest + "?)" : std::string();
}

}  // namespace labreel
