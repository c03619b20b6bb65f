// Examples: for each verb what it looks like in use, for its help and its man page.
#pragma once

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

namespace labreel {

struct Example {
  std::string_view verb;     // "link set"
  std::string_view command;  // as it is typed: "labreel link set r1:eth1 delay=20ms"
  std::string_view does;
};

// Returns the examples of a verb, in the order in which they are read.
std::vector<Example> examples_of(std::string_view verb);

// Writes each verb's examples under its help.
void add_examples(CLI::App& app);

}  // namespace labreel
