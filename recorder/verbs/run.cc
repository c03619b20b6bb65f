// labreel run: starts a lab and records everything until it stops.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/core/units.h"
#include "engine/lab/lab_file.h"
#include "engine/nodes/spawner.h"
#include "recorder/control/control_server.h"
#include "recorder/control/registry.h"
#include "recorder/session/lab_session.h"
#include "recorder/verbs/verb.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

struct RunOptions {
  std::string lab_file;
  std::string output;
  std::string run_for;
  bool keep = false;
};

// DESIGN.md section 6: ./NAME.reel, then NAME-2.reel: never over a file.
std::string choose_reel_path(const std::string& lab, const std::string& wanted) {
  namespace fs = std::filesystem;
  if (!wanted.empty()) {
    if (fs::exists(wanted)) {
      throw VerbError(Error{ErrorKind::usage, "there is a file already; a recording never replaces one", wanted,
                            "choose another name with -o, or move it away"});
    }
    return fs::absolute(wanted);
  }
  for (int number = 1;; ++number) {
    const std::string name = number == 1 ? lab + ".reel" : fmt::format("{}-{}.reel", lab, number);
    if (!fs::exists(name)) return fs::absolute(name);
  }
}

// The loop's thread reads these from a descriptor; no thread may take them.
void block_ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void say(const std::string& words) { fmt::print(stderr, "{}\n", words); }

void say_what_next(const std::string& reel, const SessionEnd& end, const LabStatus& status) {
  say(fmt::format("{}: {} events, {} frames, {} ({})", reel, status.events, status.frames, seconds_text(status.time_ns),
                  end.why));
  say(fmt::format("  look at it:     labreel events {}", reel));
  say(fmt::format("  in Wireshark:   labreel export {} -o {}.pcapng", reel,
                  std::filesystem::path{reel}.stem().string()));
  say(fmt::format("  prove it:       labreel verify {}", reel));
}

int run_lab(const RunOptions& options) {
  const LabFile file = value_or_throw(load_lab_file(options.lab_file));
  SessionOptions session_options;
  session_options.keep = options.keep;
  if (!options.run_for.empty()) session_options.run_for_ns = value_or_throw(parse_duration_ns(options.run_for));
  if (::geteuid() != 0) {
    throw VerbError(Error{ErrorKind::host, "starting namespace nodes needs root", options.lab_file,
                          "sudo labreel run " + options.lab_file});
  }
  session_options.reel_path = choose_reel_path(file.name, options.output);

  // Order matters: the spawner is forked before any thread, socket or database exists, so that no node inherits one.
  Spawner spawner = Spawner::fork_now();
  block_ending_signals();
  LabSocket socket = value_or_throw(claim_lab(file.name));
  ReelOptions reel_options;
  reel_options.control_socket = socket.path();
  const std::unique_ptr<ReelWriter> reel = ReelWriter::create(session_options.reel_path, reel_options);
  SessionEnd end;
  LabStatus status;
  {
    LabSession session{file, spawner, *reel, session_options, say};
    const ControlServer server{session, std::move(socket)};
    end = session.run();
    status = session.status();
    reel->seal();
    session.sealed();
  }
  const std::string failure = reel->state().failure;
  if (!failure.empty() && !end.error) {
    end.error = Error{ErrorKind::host, "the reel could not be finished: " + failure, session_options.reel_path,
                      "everything up to there is in it: labreel check " + session_options.reel_path};
  }
  say_what_next(
      options.output.empty() ? std::filesystem::path{session_options.reel_path}.filename().string() : options.output,
      end, status);
  if (end.error) throw VerbError(*end.error);
  return end.interrupted ? kExitInterrupted : kExitDone;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const verb = app.add_subcommand("run", "Start a lab and record everything until it stops");
  verb->add_option("LAB", options->lab_file, "The lab file (YAML)")->required();
  verb->add_option("-o,--output", options->output, "The reel to write; default ./NAME.reel, never over a file");
  verb->add_option("--for", options->run_for, "Stop after this much lab time, for example 30s");
  verb->add_flag("--keep", options->keep, "Go on after the scenario until stopped");
  verb->callback([options, &exit_code] { exit_code = run_lab(*options); });
}

}  // namespace labreel
