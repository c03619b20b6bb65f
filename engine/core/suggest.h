// "did you mean …?": the nearest of some names to one that does not exist.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace labreel {

// Returns the candidate nearest to `wrong` by edit distance, if it is near enough to be a typo of it.
std::optional<std::string> nearest_name(std::string_view wrong, std::span<const std::string> candidates);

// Returns " (did you mean r1?)", or nothing.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> candidates);

}  // namespace labreel
