// labreel version: the versions that matter when two people compare results.
#include <fmt/format.h>

#include "engine/core/fabric.h"
#include "recorder/verbs/help.h"
#include "recorder/verbs/verb.h"
#include "recorder/version.h"
#include "store/format.h"

namespace labreel {

std::string version_text() {
  return fmt::format("labreel {} (reel format {}, fabric {})", kProgramVersion, kFormatVersion, kFabricVersion);
}

void add_version(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("version", "Print the versions of program, reel format and fabric");
  verb->callback([&exit_code] {
    fmt::print("{}\n", version_text());
    exit_code = kExitDone;
  });
}

}  // namespace labreel
