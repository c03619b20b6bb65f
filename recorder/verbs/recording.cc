#include "recorder/verbs/recording.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>

#include "engine/nodes/host_capacity.h"
#include "engine/nodes/node_rights.h"
#include "engine/text/text.h"
#include "recorder/control/registry.h"
#include "recorder/verbs/verb.h"
#include "recorder/verbs/virtual_lab.h"

namespace labreel {
namespace {

// Ctrl-C and its kin: the lab's loop reads them from a descriptor, so no thread may take them.
void block_ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

// Makes the reel, or goes on with it.
std::unique_ptr<ReelWriter> open_writer(const std::string& path, const std::optional<Continuation>& old,
                                        const ReelOptions& options) {
  if (!old) return ReelWriter::create(path, options);
  auto reel = value_or_throw(ReelWriter::reopen(path, options));
  if (reel->next_seq() == old->last.next()) return reel;
  throw VerbError(
      Error{ErrorKind::lab, "has grown while it was read", path, "someone else goes on with it: labreel ps"});
}

}  // namespace

Recording::Recording(const LabFile& file, RecordingOptions options)
    : file_(file), reel_path_(std::move(options.reel_path)), guests_(std::move(options.guests)) {
  set_oom_score(kRecorderOomScore);  // the spawner inherits it, its nodes do not
  if (file.clock != ClockKind::virtual_time) {
    spawner_ = Spawner::fork_now();
  } else if (!guests_) {
    guests_ = prepare_guests(file);
    inputs_ = value_or_throw(uml_inputs(*guests_));
  }
  block_ending_signals();
  if (reel_path_.empty()) return;
  socket_.emplace(value_or_throw(claim_lab(file.name)));
  ReelOptions reel_options;
  reel_options.control_socket = socket_->path();
  if (options.goes_on) old_ = value_or_throw(read_continuation(reel_path_, file));
  reel_ = open_writer(reel_path_, old_, reel_options);
}

LabRun::LabRun(Recording& recording, EventSink& sink, SessionOptions options, VirtualPace pace, Narrate narrate)
    : recording_(recording) {
  const LabFile& file = recording.file_;
  if (!options.inputs) options.inputs = recording.inputs_;
  options.reel_path = recording.reel_path_;
  if (recording.guests_) {
    engine_ = make_virtual_engine(file, *recording.guests_, pace, sink);
  } else if (recording.old_) {
    Continuation& old = *recording.old_;
    options.old_run = std::move(old.old_run);
    engine_ = make_real_time_engine(std::move(old.fabric), old.time, *recording.spawner_, sink);
  } else {
    engine_ = make_real_time_engine(file, *recording.spawner_, sink);
  }
  session_ = std::make_unique<LabSession>(file, *engine_, sink, recording.reel_.get(), std::move(options), std::move(narrate));
}

SessionEnd LabRun::run() {
  if (recording_.socket_) server_ = std::make_unique<ControlServer>(*session_, std::move(*recording_.socket_));
  return session_->run();
}

void LabRun::seal(Pages pages) { seal_reel(recording_.reel(), recording_.reel_path_, pages); }

void seal_reel(ReelWriter& reel, const std::string& path, Pages pages) {
  reel.seal();
  if (!reel.state().failure.empty()) return;
  if (const Status settled = settle_reel(path, pages); !settled) say(fmt::format("{}: {}", path, settled.error().what));
}

void say(const std::string& words) { fmt::print(stderr, "{}\n", printable_lines(words)); }

void refuse_existing(const std::string& path) {
  if (!std::filesystem::exists(path)) return;
  throw VerbError(Error{ErrorKind::usage, "there is a file already; a recording never replaces one", path,
                        "choose another name with -o, or move it away"});
}

void refuse_too_large(const LabFile& file) {
  LabSize size;
  size.nodes = file.nodes.size();
  size.guests = file.clock == ClockKind::virtual_time;
  for (const NodeDef& node : file.nodes) {
    size.ports += node.ports.size();
    size.commands += node.exec.empty() ? 0 : 1;
  }
  throw_unless_ok(check_capacity(size, read_host_capacity()));
}

int finish_recording(const ReelWriter& reel, const std::string& path, const std::string& shown, SessionEnd end,
                     const LabStatus& status) {
  const std::string failure = reel.state().failure;
  const bool is_there = std::filesystem::exists(path);
  if (!failure.empty() && !end.error) {
    end.error = Error{ErrorKind::host, "the reel could not be finished: " + failure, path,
                      is_there ? "everything up to there is in it: labreel check " + path : ""};
  }
  say(fmt::format("{}: {} events, {} frames, {} ({})", shown, status.events, status.frames,
                  seconds_text(status.time_ns), end.error ? "failed" : end.why.text()));
  if (is_there) {
    say(fmt::format("  look at it:     labreel events {}", shown));
    say(fmt::format("  in Wireshark:   labreel export {} -o {}.pcapng", shown,
                    std::filesystem::path{shown}.stem().string()));
    say(fmt::format("  prove it:       labreel verify {}", shown));
  }
  if (end.error) throw VerbError(*end.error);
  return end.interrupted ? kExitInterrupted : kExitDone;
}

}  // namespace labreel
