// labreel run: starts a lab and records everything until it stops.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/core/units.h"
#include "engine/lab/lab_file.h"
#include "engine/lab/virtual_text.h"
#include "engine/text/text.h"
#include "recorder/pack/demo_files.h"
#include "recorder/pack/packed_paths.h"
#include "recorder/pack/temporary_folder.h"
#include "recorder/pack/unpack_files.h"
#include "recorder/session/checkpoint_policy.h"
#include "recorder/session/lossy_sink.h"
#include "recorder/verbs/detach.h"
#include "recorder/verbs/lab_home.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/trust.h"
#include "recorder/verbs/verb.h"
#include "recorder/verbs/virtual_lab.h"
#include "replay/reel_log.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

struct RunOptions {
  std::string lab_file;
  std::string output;
  std::string run_for;
  std::string pace;
  std::string reel;  // --continue
  std::optional<ReelFiles> demo = {};  // the reel that the lab was packed in
  bool keep = false;
  bool detach = false;
  bool lossy = false;
  bool compress = false;
  bool serial = false;
  bool in_virtual_time = false;  // --virtual
  bool trust = false;
};

// ARCHITECTURE.md, "Commands": ./NAME.reel, then NAME-2.reel: never over a file.
std::string choose_reel_path(const std::string& lab, const std::string& wanted) {
  namespace fs = std::filesystem;
  if (!wanted.empty()) {
    refuse_existing(wanted);
    return fs::absolute(wanted);
  }
  for (int number = 1;; ++number) {
    const std::string name = number == 1 ? lab + ".reel" : fmt::format("{}-{}.reel", lab, number);
    if (!fs::exists(name)) return fs::absolute(name);
  }
}

void say_left_out(const LeftOut& left_out) {
  if (left_out.cut_short == 0 && left_out.unrecorded == 0) return;
  say(fmt::format("the reel's writer fell behind: {} frames are there without their payload, {} are only counted",
                  left_out.cut_short, left_out.unrecorded));
}

// Runs the lab in this process, to its end.
int record(const RunOptions& options, const LabFile& file, const SessionOptions& session_options) {
  Recording recording{file, {session_options.reel_path, !options.reel.empty()}};
  ReelWriter& reel = recording.reel();
  std::optional<LossySink> lossy;
  if (options.lossy) lossy.emplace(reel, [&reel] { return reel.backlog_percent(); }, kCheckpointBytes_max);
  SessionEnd end;
  LabStatus status;
  {
    LabRun lab{recording, lossy ? static_cast<EventSink&>(*lossy) : reel, session_options,
               {options.pace == "real", options.serial}};
    if (lossy) lossy->follow(lab.engine().loop(), lab.engine().fabric());
    end = lab.run();
    status = lab.session().status();
    if (lossy) lossy->finish();
    status.events = reel.next_seq().value - 1;
    lab.seal(options.compress ? Pages::compressed : Pages::as_they_are);
    lab.tell_sealed();
  }
  const std::string shown = !options.reel.empty() ? options.reel
                            : options.output.empty()
                                ? std::filesystem::path{session_options.reel_path}.filename().string()
                                : options.output;
  if (lossy) say_left_out(lossy->left_out());
  return finish_recording(reel, session_options.reel_path, shown, std::move(end), status);
}

// Also of a lab that failed: its reel is what someone wants to look into.
int record_and_carry(const RunOptions& options, const LabFile& file, const SessionOptions& session_options) {
  const auto carry = [&] {
    if (options.demo) carry_packed_files(*options.demo, session_options.reel_path);
  };
  try {
    const int code = record(options, file, session_options);
    carry();
    return code;
  } catch (const VerbError&) {
    if (std::filesystem::exists(session_options.reel_path)) carry();
    throw;
  }
}

// What a detached recorder says goes beside its reel.
int record_detached(const RunOptions& options, const LabFile& file, const SessionOptions& session_options) {
  const std::string log = session_options.reel_path + ".log";
  const pid_t pid = value_or_throw(start_detached(log, [&](const std::function<void()>& runs) {
    SessionOptions detached = session_options;
    detached.when_running = runs;
    return record_and_carry(options, file, detached);
  }));
  fmt::print("{}  pid {}\n", printable(session_options.reel_path), pid);
  say(fmt::format("{} runs; what it says goes to {}", file.name, log));
  say(fmt::format("  watch it:  labreel events --follow {}", session_options.reel_path));
  say(fmt::format("  stop it:   labreel stop {}", file.name));
  return kExitDone;
}

void refuse_lossy_virtual(const LabFile& file) {
  if (file.clock != ClockKind::virtual_time) return;
  throw VerbError(Error{ErrorKind::usage,
                        "--lossy leaves frames out where the reel's writer falls behind, but virtual time waits for the "
                        "writer: nothing would ever be left out",
                        file.path, "run it without --lossy"});
}

void refuse_virtual(const LabFile& file) {
  if (file.clock != ClockKind::virtual_time) return;
  throw VerbError(
      Error{ErrorKind::usage,
            "a lab in virtual time is not continued: its guests' memory is gone, and with fresh guests the same "
            "inputs would not give the same reel again",
            file.path, "record it anew: labreel run " + file.path});
}

// The lab of that file in virtual time; the text that the reel gets says so, too.
LabFile in_virtual_time(const LabFile& file) {
  return value_or_throw(parse_lab_file(value_or_throw(virtual_lab_text(file.text, file.path)), file.path));
}

// Options that say something about the calendar, given for a lab that has none.
void refuse_calendar_options(const RunOptions& options, const LabFile& file) {
  if (file.clock == ClockKind::virtual_time || (!options.serial && options.pace != "max")) return;
  throw VerbError(Error{ErrorKind::usage,
                        fmt::format("{} is for labs in virtual time; this one runs by the wall clock",
                                    options.serial ? "--serial" : "--pace max"),
                        file.path, "run it with --virtual, or write clock: virtual and kind: uml in the lab file"});
}

// The lab of a packed reel, in a folder that is gone when the lab is; nothing for a lab file.
std::unique_ptr<TemporaryFolder> unpack_demo(RunOptions& options) {
  const std::string reel = options.lab_file;
  if (std::filesystem::path{reel}.extension() != ".reel") return nullptr;
  options.demo = take_to_run(reel);
  require_trust(*options.demo, RunsOf::packed_lab, options.trust ? Trust::given : Trust::none);
  const PackedFiles files = value_or_throw(PackedFiles::open(*options.demo));
  if (files.entries().empty()) {
    throw VerbError(Error{ErrorKind::usage, "has no lab packed into it", reel, "labreel pack " + reel});
  }
  const ReelReader reader = open_to_run(*options.demo);
  const PackedLab lab = value_or_throw(packed_lab_of(ReelLog{reader}), reel);
  if (files.find(lab.name) == nullptr) {
    throw VerbError(Error{ErrorKind::input, fmt::format("its lab file {} is not among its packed files", lab.name), reel,
                          "labreel pack " + reel});
  }
  throw_unless_ok(check_packed_paths(value_or_throw(parse_lab_file(value_or_throw(files.read(*files.find(lab.name)), reel), lab.name))));
  auto folder = std::make_unique<TemporaryFolder>();
  throw_unless_ok(unpack_files(files, folder->path(), ExistingFiles::refuse));
  options.lab_file = folder->path() + "/" + lab.name;
  say(fmt::format("running the lab packed in {}", reel));
  return folder;
}

int run_lab(RunOptions options) {
  const std::unique_ptr<TemporaryFolder> demo = unpack_demo(options);
  LabFile file = value_or_throw(load_lab_file(options.lab_file));
  if (options.in_virtual_time) file = in_virtual_time(file);
  refuse_calendar_options(options, file);
  if (options.lossy) refuse_lossy_virtual(file);
  refuse_too_large(file);
  SessionOptions session_options;
  session_options.keep = options.keep;
  session_options.kept_at_real_pace = options.pace != "max";
  if (!options.run_for.empty()) session_options.run_for_ns = value_or_throw(parse_duration_ns(options.run_for));
  if (options.reel.empty()) {
    session_options.reel_path = choose_reel_path(file.name, options.output);
  } else {
    refuse_virtual(file);
    session_options.reel_path = std::filesystem::absolute(options.reel);
  }
  if (!options.detach) return record_and_carry(options, file, session_options);
  const int exit_code = record_detached(options, file, session_options);
  if (demo) demo->leave_to_children();
  return exit_code;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const verb = app.add_subcommand("run", "Start a lab and record everything until it stops");
  verb->add_option("LAB", options->lab_file, "The lab file (YAML), or a reel that has its lab packed into it")->required();
  CLI::Option* const output =
      verb->add_option("-o,--output", options->output, "The reel to write; default ./NAME.reel, never over a file");
  verb->add_option("--continue", options->reel, "Go on in this reel, with fresh nodes")->excludes(output);
  verb->add_option("--for", options->run_for, "Stop after this much lab time, for example 30s");
  verb->add_flag("--virtual", options->in_virtual_time,
                 "Run a lab whose nodes name no kind in virtual time, as if it said clock: virtual and kind: uml");
  verb->add_option("--pace", options->pace,
                   "A lab in virtual time waits for the wall clock (real) or not (max, the default but after --keep's scenario)")
      ->check(CLI::IsMember({"real", "max"}));
  verb->add_flag("--serial", options->serial,
                 "Guests of a lab in virtual time take turns instead of running side by side; the events are the same");
  verb->add_flag("--keep", options->keep, "Go on after the scenario until stopped; in virtual time at the pace of the wall clock");
  verb->add_flag("--lossy", options->lossy,
                 "Where the disk cannot keep up, leave out payloads, then frames, and say so; without it the lab waits");
  verb->add_flag("--compress", options->compress, "Compress the reel once the lab has ended; it is read as any other");
  verb->add_flag("--trust", options->trust,
                 "Of a reel: run the commands that it holds without asking; needed where there is no terminal");
  verb->add_flag("--detach", options->detach, "Return when the lab runs; its recorder goes on, its words in REEL.log");
  verb->callback([options, &exit_code] { exit_code = run_lab(*options); });
}

}  // namespace labreel
