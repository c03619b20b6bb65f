// Completing a command line: what may stand where the cursor is, from the verbs' own options and from labs and reels.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace labreel {

// Returns what can follow, one a line: a word, perhaps a tab and what it means; or ":files" where any file may stand.
//
// Shape: `words` are those after `labreel`, the last one as far as it is typed, perhaps empty. What cannot be found
// out,
//        because no lab runs or a reel cannot be read, is no error: then there are fewer answers.
std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace labreel
