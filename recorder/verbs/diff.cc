// labreel diff: where two reels part, and what only one of them has.
#include <fmt/format.h>

#include <limits>
#include <memory>
#include <optional>

#include "recorder/verbs/diff_progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/diff/diff_report.h"
#include "replay/diff/reel_diff.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

struct DiffOptions {
  std::string a;
  std::string b;
  std::string ignore;
  bool all = false;
  bool as_json = false;
};

int diff(const DiffOptions& options) {
  const Aspects ignored = value_or_throw(parse_aspects(options.ignore));
  const auto [a, b] = open_reels(options.a, options.b);
  warn_of_end(options.a, a);
  warn_of_end(options.b, b);
  const std::size_t listed_max = options.all ? std::numeric_limits<std::size_t>::max() : kListedOnlyIn;
  const ReelDiff result = value_or_throw(diff_with_progress(ReelLog{a}, ReelLog{b}, ignored, listed_max));
  fmt::print("{}\n", options.as_json ? to_json(result) : to_text(result, {options.a, options.b}, options.all));
  for (const Survey& side : result.surveys) {
    if (side.damage) throw VerbError(*side.damage);  // what is behind it was not compared
  }
  return result.identical() ? kExitDone : kExitDiffers;
}

}  // namespace

void add_diff(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* const verb = app.add_subcommand("diff", "Find where two reels part, and what only one of them has");
  verb->add_option("REEL", options->a, "The one reel, a")->required();
  verb->add_option("REEL2", options->b, "The other, b")->required();
  verb->add_option("--ignore", options->ignore, "What to pass over, with commas: see below");
  verb->add_flag("--all", options->all, "List every event that only one has, not only the first");
  verb->add_flag("--json", options->as_json, "One JSON object");
  verb->footer("Exit code 0: identical; 1: they differ; 3: one cannot be read, or not to its end.\n"
               "What --ignore takes (with any of it, numbers of events and checkpoints are passed over, too):\n" +
               aspects_help() +
               "Two recordings of a lab in real time: --ignore time,order,numbers,payload,polls,output");
  verb->callback([options, &exit_code] { exit_code = diff(*options); });
}

}  // namespace labreel
