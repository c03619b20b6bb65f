// labreel help, and the words of --version.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace labreel {

void add_help(CLI::App& app, int& exit_code);

// "labreel 0.1.0 (reel format 1, fabric 1)": what `version` and --version print.
std::string version_text();

}  // namespace labreel
