// labreel branch: runs a recorded lab in virtual time again up to a position, and goes on from there as a lab of its
// own.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/core/arithmetic.h"
#include "engine/core/units.h"
#include "engine/text/host_notes.h"
#include "recorder/session/comparison.h"
#include "recorder/verbs/difference_text.h"
#include "recorder/verbs/lab_again.h"
#include "recorder/verbs/lab_home.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/trust.h"
#include "recorder/verbs/verb.h"
#include "replay/import/imported.h"
#include "replay/position.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

struct BranchOptions {
  std::string reel;
  std::string at;
  std::string output;
  std::string run_for;
  std::string pace = "real";
  bool play_on = false;
  bool trust = false;
};

// Only a lab in virtual time can be had again as it was; another needs its machines saved.
void refuse_real_time(const std::string& path, const EventLog& log) {
  if (is_virtual(log)) return;
  if (const auto begun = beginning_of(log); begun && is_imported(*begun)) throw VerbError(nothing_to_reexecute());
  throw VerbError(Error{ErrorKind::usage,
                        "this lab ran by the wall clock: what its machines held at that position is gone, and the reel "
                        "has no snapshot of them",
                        path,
                        "a lab in virtual time branches anywhere: labreel run --virtual LAB records it so; labreel show --at looks "
                        "at the position"});
}

// The last event before the lab was brought to its end: later, there is nothing to go on with.
Seq last_of_life(const EventLog& log, Seq wanted) {
  const TypedCommands typed = value_or_throw(typed_commands(log));
  if (!typed.stop || wanted < *typed.stop) return wanted;
  say(fmt::format("the lab was being stopped at event {}; the branch leaves it at the one before", typed.stop->value));
  return Seq{typed.stop->value - 1};
}

Error parted_early(const std::string& path, const Difference& difference) {
  return Error{ErrorKind::differs,
               fmt::format("the lab did not come out as recorded, so there is nothing to branch from: event {}: {}\n"
                           "  in the reel {}\n  now         {}",
                           difference.seq.value, difference.why, side_text(difference.got, difference.topology),
                           side_text(difference.expected, difference.topology)),
               path, "labreel verify --trust " + path};
}

// A branch while it comes to be: the parent's lab, run again, into a reel of its own.
class Branching {
 public:
  Branching(const BranchOptions& options, const std::string& parent_path, const EventLog& log, const std::string& lab_file,
            Seq position)
      : options_(options),
        parent_path_(parent_path),
        path_(std::filesystem::absolute(options.output)),
        position_(position),
        leaves_at_(value_or_throw(log.event_at(position)).time),
        again_(value_or_throw(lab_again(log, lab_file, position))),
        digest_(value_or_throw(log.digest_at(position))),
        progress_("branch", position.value),
        parents_events_(std::make_unique<ProgressSource>(log.events(kFirstSeq, position), progress_)) {}

  int run() {
    Recording recording{again_.file, {path_, false, again_.guests}};
    ReelWriter& reel = recording.reel();
    keep_note(reel, ParentNote{std::filesystem::absolute(parent_path_).string()});

    ObservedSink sink{reel};
    LabRun lab{recording, sink, session_options(), {}, [this](const std::string& words) {
                 if (reached_) say(words);
               }};
    Comparison compare{*parents_events_, [&lab] { lab.session().stop(OriginKind::run, [] {}); }};
    UpToParting up_to_parting{compare, position_, again_.begun.branch};
    sink.tell(up_to_parting);
    std::vector<Seq> positions = again_.partings();
    positions.push_back(position_);
    PositionWatch watch{positions, [this, &lab](Seq at) { reach(lab, at); }};
    sink.tell(watch);
    again_.play_typed(lab.session());
    const SessionEnd end = lab.run();
    lab.seal();
    const bool is_branch = reached_ && !compare.damage() && compare.identical();
    if (!is_branch) std::filesystem::remove(path_);  // only the way to a position that it never came to
    lab.tell_sealed();
    if (!is_branch) return explain_failure(end, compare);
    return finish_recording(reel, path_, options_.output, end, lab.session().status());
  }

 private:
  SessionOptions session_options() const {
    SessionOptions session;
    session.keep = !options_.play_on;
    session.inputs = again_.inputs;
    session.branch = BranchPoint{again_.begun.lab, position_, digest_};
    if (!options_.run_for.empty()) {
      session.run_for_ns = add_time(leaves_at_, value_or_throw(parse_duration_ns(options_.run_for))).ns;
    }
    return session;
  }

  // On the lab's thread, right after the event of that number.
  void reach(LabRun& lab, Seq at) {
    if (at != position_) return again_.part(lab.session(), at);
    reached_ = true;
    progress_.hide();
    if (options_.pace == "real") lab.engine().keep_real_pace();
    if (!options_.play_on) lab.session().give_after(at, {"scenario.stop", {}, OriginKind::branch});
    say(fmt::format("event {} is reached, at {} of lab time: from here the lab goes its own way", at.value,
                    seconds_text(leaves_at_.ns)));
    say(options_.play_on ? "its scenario plays on" : "its scenario plays no more; Ctrl-C or labreel stop ends the lab");
  }

  int explain_failure(const SessionEnd& end, Comparison& compare) {
    progress_.hide();
    if (compare.damage()) throw VerbError(*compare.damage());
    if (!compare.identical()) throw VerbError(parted_early(parent_path_, *compare.take_result().difference));
    if (end.error) throw VerbError(*end.error);
    say(fmt::format("event {} was not reached; nothing is kept", position_.value));
    return end.interrupted ? kExitInterrupted : kExitDiffers;
  }

  const BranchOptions& options_;
  const std::string parent_path_;
  const std::string path_;
  const Seq position_;
  const LabTime leaves_at_;
  const LabAgain again_;
  const Digest digest_;
  Progress progress_;
  const std::unique_ptr<EventSource> parents_events_;
  bool reached_ = false;
};

int branch(const BranchOptions& options) {
  const std::string parent_path = choose_reel(options.reel);
  refuse_existing(options.output);
  const ReelFiles files = take_to_run(parent_path);
  require_trust(files, RunsOf::recorded_lab, options.trust ? Trust::given : Trust::none);
  const ReelReader parent = open_to_run(files);
  const ReelLog log{parent};
  refuse_real_time(parent_path, log);
  const Seq position = last_of_life(log, value_or_throw(resolve_position(log, options.at)));
  const LabHome home{files, log};
  return Branching{options, parent_path, log, home.lab_file_path(), position}.run();
}

}  // namespace

void add_branch(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<BranchOptions>();
  CLI::App* const verb =
      app.add_subcommand("branch", "Run a lab in virtual time again up to a position, and go on from there");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_option("--at", options->at, "Where to leave it: a seq, a marker, +12.5s, or end")->required();
  verb->add_option("-o,--output", options->output, "The branch's own reel, never over a file")->required();
  verb->add_option("--for", options->run_for, "Stop after this much lab time from there, for example 30s");
  verb->add_option("--pace", options->pace,
                   "From there on lab time waits for the wall clock (real, the default) or not (max)")
      ->check(CLI::IsMember({"real", "max"}));
  verb->add_flag("--trust", options->trust,
                 "Run the reel's commands here without asking; needed where there is no terminal");
  verb->add_flag("--play-on", options->play_on,
                 "Let the lab file's scenario play on from there; without, it ends there");
  verb->callback([options, &exit_code] { exit_code = branch(*options); });
}

}  // namespace labreel
