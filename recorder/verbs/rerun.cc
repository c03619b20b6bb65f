// labreel rerun: runs a recorded lab's commands again, on fresh nodes, into a new reel, and compares the two.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/text/host_notes.h"
#include "recorder/session/rerun_player.h"
#include "recorder/verbs/lab_home.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/diff_progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/trust.h"
#include "recorder/verbs/verb.h"
#include "recorder/verbs/virtual_lab.h"
#include "replay/diff/diff_report.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

// What no two runs of real machines share; the rest is the outcome.
constexpr const char* kIgnored = "time,order,numbers,payload,output,polls";

struct RerunOptions {
  std::string reel;
  std::string output;
  bool trust = false;
};

struct OldLab {
  LabHome home;
  RerunPlan plan;
};
OldLab read_lab(const ReelFiles& files) {
  const std::string& path = files.path();
  const ReelReader reel = open_to_run(files);
  warn_of_end(path, reel);
  const ReelLog log{reel};
  LabHome home{files, log};
  Progress progress{"rerun: reading its commands", log.last().value};
  RerunPlan plan = value_or_throw(plan_rerun(ProgressLog{log, progress}, home.lab_file_path()), path);
  return {std::move(home), std::move(plan)};
}

int record(const RerunOptions& options, const std::string& old_path, RerunPlan& plan) {
  refuse_too_large(plan.file);
  SessionOptions session_options;
  session_options.keep = plan.stop_anchor.has_value();
  const std::string path = std::filesystem::absolute(options.output);
  Recording recording{plan.file, {path}};
  keep_note(recording.reel(), RerunOfNote{std::filesystem::absolute(old_path).string()});
  ObservedSink sink{recording.reel()};
  LabRun lab{recording, sink, session_options};
  RerunPlayer player{lab.session(), plan};
  sink.tell(player);
  SessionEnd end = lab.run();
  lab.seal();
  lab.tell_sealed();
  return finish_recording(recording.reel(), path, options.output, std::move(end), lab.session().status());
}

void compare(const ReelFiles& old, const std::string& new_path) {
  const std::string& old_path = old.path();
  const ReelReader a = open_to_run(old);
  const ReelReader b = open_reel_unlocked(new_path);
  const ReelDiff diff = value_or_throw(diff_with_progress(ReelLog{a}, ReelLog{b}, value_or_throw(parse_aspects(kIgnored))));
  fmt::print("rerun level: the same commands at the same conditions, on fresh nodes; their outcomes are not promised\n{}\n",
             to_text(diff, {old_path, new_path}));
  say(fmt::format("hint: compare otherwise: labreel diff {} {} --ignore …", old_path, new_path));
}

int rerun(const RerunOptions& options) {
  const std::string path = choose_reel(options.reel);
  refuse_existing(options.output);
  const ReelFiles old = take_to_run(path);
  require_trust(old, RunsOf::recorded_lab, options.trust ? Trust::given : Trust::none);
  OldLab lab = read_lab(old);
  say(fmt::format("{} commands were typed by hand; each is given again at its offset from the condition before it",
                  lab.plan.commands.size()));
  const int code = record(options, path, lab.plan);
  if (code == kExitDone) compare(old, options.output);
  return code;
}

}  // namespace

void add_rerun(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<RerunOptions>();
  CLI::App* const verb =
      app.add_subcommand("rerun", "Run a reel's commands again on fresh nodes, into a new reel, and compare the two");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_option("-o,--output", options->output, "The new reel, never over a file")->required();
  verb->add_flag("--trust", options->trust, "Run the reel's commands here without asking; needed where there is no terminal");
  verb->footer("Exit code 0 means that the lab ran to its end; labreel diff says by exit code whether the two differ.");
  verb->callback([options, &exit_code] { exit_code = rerun(*options); });
}

}  // namespace labreel
