// labreel info: what a reel holds, in a few numbers.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "engine/text/text.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/info.h"
#include "replay/reasons.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

struct InfoOptions {
  std::string reel;
  bool as_json = false;
  bool reasons = false;
};

// A running lab's reel has none yet; of a damaged one the list may be lost, which is said.
std::vector<PackedEntry> packed_in(const std::string& path) {
  if (ReelReader::live_recorder_of(path)) return {};
  const Result<PackedFiles> packed = PackedFiles::open(path);
  if (packed) return packed->entries();
  print_error(packed.error());
  return {};
}

int print_info(const InfoOptions& options) {
  if (options.reasons) {
    fmt::print("{}", reasons_text());
    return kExitDone;
  }
  const std::string path = choose_reel(options.reel);
  const bool recording = ReelReader::live_recorder_of(path).has_value();  // behind the lock nobody can be asked
  const ReelReader reel = open_reel(path);
  warn_of_end(path, reel);
  const ReelLog log{reel};
  Progress progress{"info", log.last().value};
  ReelInfo info = value_or_throw(summarise(ProgressLog{log, progress}), path);
  progress.hide();
  info.packed = packed_in(path);
  info.file = path;
  info.recording = recording;
  fmt::print("{}\n", options.as_json ? to_json(info) : to_text(info));
  if (!options.as_json && !info.packed.empty() && ::isatty(STDERR_FILENO) != 0)
    fmt::print(stderr, "  read a packed file:  labreel unpack {} --print NAME\n", printable(path));
  return kExitDone;
}

}  // namespace

void add_info(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* const verb = app.add_subcommand("info", "Summarise one reel");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_flag("--json", options->as_json, "One JSON object");
  verb->add_flag("--reasons", options->reasons, "Explain the reasons why copies are dropped");
  verb->callback([options, &exit_code] { exit_code = print_info(*options); });
}

}  // namespace labreel
