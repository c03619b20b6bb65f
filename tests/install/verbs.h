// The verbs of labreel, as labreel itself lists them.
#pragma once

#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace labreel::test {

// What may be completed behind some words: verbs, or the subcommands of one.
inline std::vector<std::string> words_behind(std::vector<std::string> words) {
  words.insert(words.begin(), "__complete");
  words.emplace_back();
  std::vector<std::string> found;
  for (const std::string& line : lines_of(labreel(words).out)) {
    if (line.find('\t') != std::string::npos) found.push_back(line.substr(0, line.find('\t')));
  }
  return found;
}

// Every verb that does something, in one or two words.
inline std::vector<std::vector<std::string>> all_verbs() {
  std::vector<std::vector<std::string>> found;
  for (const std::string& verb : words_behind({})) {
    const auto children = words_behind({verb});
    if (children.empty()) found.push_back({verb});
    for (const std::string& child : children) found.push_back({verb, child});
  }
  return found;
}

}  // namespace labreel::test
