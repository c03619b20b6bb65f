// labreel check: is a reel whole; and --repair, which recovers a cut-off or damaged one into a new file.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/text/text.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "store/reel_check.h"
#include "store/reel_rewrite.h"

namespace labreel {
namespace {

struct CheckOptions {
  std::string reel;
  std::string output;
  bool repair = false;
};

std::string choose_output(const CheckOptions& options, const std::string& reel) {
  if (!options.output.empty()) return options.output;
  std::filesystem::path path{reel};
  return path.replace_extension().string() + "-repaired.reel";
}

void print_finding(const std::string& reel, const ReelFinding& finding) {
  fmt::print("{}: {}: {}\n", printable(reel), printable(finding.place), printable(finding.what));
}

int check(const CheckOptions& options) {
  const std::string reel = choose_reel(options.reel);
  if (options.repair) {
    const std::string output = choose_output(options, reel);
    const ReelReport report = value_or_throw(repair_reel(reel, output));
    for (const ReelFinding& finding : report.findings) print_finding(reel, finding);
    if (const Status settled = settle_reel(output); !settled) {
      fmt::print(stderr, "{}: {}\n", printable(output), printable(settled.error().what));
    }
    fmt::print("{}: {}\n", printable(output), printable(report.summary));
    return kExitDone;
  }
  lock_before_reading();
  std::optional<Progress> progress;
  const ReelReport report = value_or_throw(check_reel(reel, [&progress](std::uint64_t done, std::uint64_t total) {
    if (!progress) progress.emplace("check", total);
    progress->at(done);
  }));
  progress.reset();
  for (const ReelFinding& finding : report.findings) print_finding(reel, finding);
  fmt::print("{}: {}\n", printable(reel), printable(report.summary));
  if (!report.findings.empty()) {
    throw VerbError(Error{ErrorKind::input, "the reel is damaged", reel,
                          "labreel check --repair " + reel + " writes what is readable into a new file"});
  }
  if (!report.complete) {
    fmt::print(stderr, "hint: labreel check --repair {} makes it one complete file\n", printable(reel));
    return kExitDiffers;
  }
  return kExitDone;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* const verb = app.add_subcommand("check", "Check a reel's integrity; --repair recovers into a new file");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_flag("--repair", options->repair, "Write all that is readable into a new file");
  verb->add_option("-o,--output", options->output, "Where --repair writes; default NAME-repaired.reel");
  verb->callback([options, &exit_code] { exit_code = check(*options); });
}

}  // namespace labreel
