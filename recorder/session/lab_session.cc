#include "recorder/session/lab_session.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "engine/core/arithmetic.h"
#include "engine/core/node_death.h"
#include "engine/core/wire_words.h"
#include "engine/os/system_call.h"
#include "engine/text/host_notes.h"
#include "recorder/session/host_files.h"
#include "recorder/session/lab_setup.h"
#include "replay/utc.h"

namespace labreel {
namespace {

constexpr std::uint64_t kHealthInterval_ns = 250'000'000;
constexpr std::uint64_t kReplayedToken = std::uint64_t{1} << 63U;  // clients' tokens are small

HostFactsNote host_facts() {
  utsname facts{};
  ::uname(&facts);
  return {facts.nodename, fmt::format("{} {}", facts.sysname, facts.release), facts.machine};
}

std::string lab_file_name(const LabFile& file) { return file.path.substr(file.path.rfind('/') + 1); }

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

LabSession::LabSession(const LabFile& file, LabEngine& engine, EventSink& sink, ReelWriter* reel,
                       SessionOptions options, Narrate narrate)
    : file_(file),
      sink_(sink),
      reel_(reel),
      options_(std::move(options)),
      narrate_(std::move(narrate)),
      engine_(engine),
      fabric_(engine.fabric()),
      loop_(engine.loop()),
      runtime_{file_, fabric_, loop_, engine.driver(), sink, narrate_, loop_.now()},
      execs_(runtime_),
      consoles_(runtime_, execs_),
      nodes_(runtime_, execs_),
      commands_(runtime_, nodes_, execs_),
      scenario_(runtime_, commands_, execs_),
      wake_(checked("eventfd", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
  loop_.watch(wake_.get(), [this] { run_posted(); });
  engine.driver().listen(*this);
  watch_signals();
  if (options_.old_run) commands_.know_markers(options_.old_run->markers);
  commands_.on_scenario_stop = [this] { scenario_.abandon(); };
  nodes_.on_death = [this](const std::string& node, const std::string& why) {
    Error error = lab_error("node " + node + " died: " + why, "the reel shows what came before: labreel events");
    narrate_(error.what);
    if (!end_.error) end_.error = std::move(error);
  };
}

LabSession::~LabSession() = default;

// Calls from other threads run on the lab's, between batches.
void LabSession::post(std::function<void()> call) {
  {
    const std::lock_guard lock{posted_lock_};
    if (accepts_posts_) {
      posted_.push_back(std::move(call));
      call = nullptr;
    }
  }
  const std::uint64_t one = 1;
  if (::write(wake_.get(), &one, sizeof one) < 0 && errno != EAGAIN) LABREEL_CHECK(false);
  if (call) call();  // the lab is over: whoever asked is told at once
}

void LabSession::run_posted() {
  std::uint64_t count = 0;
  static_cast<void>(!::read(wake_.get(), &count, sizeof count));
  std::deque<std::function<void()>> calls;
  {
    const std::lock_guard lock{posted_lock_};
    calls.swap(posted_);
  }
  for (const auto& call : calls) call();
}

// The first Ctrl-C ends the lab in good order; the second does not wait for the nodes.
void LabSession::watch_signals() {
  const sigset_t set = ending_signals();
  signals_ = OwnedFd{checked("signalfd", ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK))};
  loop_.watch(signals_.get(), [this] {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) return;
    if (++interrupts_ == 1) {
      end_.interrupted = info.ssi_signo == SIGINT;
      narrate_("stopping; once more to stop without waiting for the nodes");
      begin_end(end_.interrupted ? EndCause::interrupted : EndCause::terminated, std::nullopt);
    } else {
      over_ = true;  // the spawner's end takes the nodes with it
    }
  });
}

void LabSession::node_is_up(NodeId node) { nodes_.came_up(node); }

void LabSession::node_failed(NodeId node, const std::string& error) {
  nodes_.failed(node, error);
  end_if_all_gone();
}

void LabSession::node_is_down(NodeId node, bool asked, const std::string& why) {
  nodes_.went_down(node, asked, why);
  end_if_all_gone();
}

void LabSession::node_is_paused(NodeId node) { nodes_.was_paused(node); }

void LabSession::port_changed(NodeId, PortId port, const std::string& error) { nodes_.port_changed(port, error); }

void LabSession::exec_printed(ExecId exec, Stream stream, std::string_view bytes) {
  execs_.printed(exec, stream, bytes);
}

void LabSession::console_printed(ExecId console, std::string_view bytes) { consoles_.printed(console, bytes); }

void LabSession::exec_ended(ExecId exec, std::int32_t status) {
  execs_.ended(exec, status);
  consoles_.ended(exec, status);
}

SessionEnd LabSession::run() {
  begin_lab();
  scenario_.watch();
  count_nodes();
  while (!over_) {
    loop_.turn();
    time_ns_ = loop_.now().ns;
    events_ = sink_.next_seq().value - 1;
    frames_ = fabric_.counts().frames;
    count_nodes();
    tell_news();
    if (checkpoints_.is_due(frames_)) ask_for_checkpoint();
  }
  {
    const std::lock_guard lock{posted_lock_};
    accepts_posts_ = false;
  }
  run_posted();
  loop_.report_health();
  if (const auto read = engine_.driver().host_files(); !read.empty()) {
    keep_note(sink_, hashes_of_host_files(read));
  }
  LABREEL_CHECK(loop_.apply(Seq{}, LabEnded{why_ == EndReason{} ? EndCause::interrupted : why_}).ok());
  events_ = sink_.next_seq().value - 1;
  tell_news();
  end_.why = why_;
  return end_;
}

// Only where something but frames was recorded since.
void LabSession::count_nodes() {
  const std::uint64_t others = events_ - frames_;
  if (others == others_counted_) return;
  others_counted_ = others;
  const std::vector<NodeInfo>& nodes = fabric_.topology().nodes();
  nodes_now_ = static_cast<std::uint32_t>(std::count_if(nodes.begin(), nodes.end(), [](const NodeInfo& node) { return !node.removed; }));
}

void LabSession::begin_lab() {
  LabBegun begun;
  begun.lab = file_.name;
  begun.lab_file = file_.text;
  begun.lab_file_name = lab_file_name(file_);
  begun.seed = file_.seed;
  begun.clock = file_.clock;
  begun.fabric_version = kFabricVersion;
  begun.branch = options_.branch;
  Seq command;
  if (options_.old_run) command = end_old_run(*options_.old_run);
  LABREEL_CHECK(loop_.apply(command, begun).ok());
  keep_note(sink_, BeginUtcNote{utc_text(loop_.utc_at_ns(runtime_.began))});
  keep_note(sink_, host_facts());
  keep_note(sink_, LabFileNote{std::filesystem::absolute(file_.path).string()});
  if (options_.inputs) keep_note(sink_, *options_.inputs);
  if (command.is_none()) command = loop_.record(Seq{}, Command{"run", {begun.lab_file_name}, OriginKind::run});
  set_up_lab(runtime_, command);
  watch_reel_health();
  keep_checkpoints();
  if (options_.run_for_ns) {
    loop_.call_at(add_time(runtime_.began, *options_.run_for_ns),
                  [this] { begin_end(EndCause::time_over, std::nullopt); });
  }
  start_nodes(command);
}

// A run that was cut off ends now, as far as its reel can tell: what flew to its nodes is stopped with them.
Seq LabSession::end_old_run(const OldRun& old_run) {
  for (const Event& outcome : old_run.awaited) sink_.append(loop_.now(), outcome.cause, outcome.body);
  const Seq command = loop_.record(Seq{}, Command{"continue", {lab_file_name(file_)}, OriginKind::run});
  if (old_run.may_lack_events) loop_.record(command, Gap{GapPlace::cut_off, 0, old_run.why, kNoPort});
  const auto apply = [&](const EventBody& effect) { LABREEL_CHECK(loop_.apply(command, effect).ok()); };
  for (const NodeId node : old_run.alive) apply(NodeStopped{node, text_of({StopCause::recorder_ended, {}})});
  if (!old_run.has_ended) apply(LabEnded{EndReason{EndCause::cut_off, old_run.why}});
  if (old_run.unproved) {
    for (const Outcome& outcome : *old_run.unproved) sink_.append(loop_.now(), command, outcome);
    make_checkpoint();  // ends the gap: the new run can be proved
  }
  return command;
}

void LabSession::start_nodes(Seq command) {
  nodes_starting_ = file_.nodes.size();
  narrate_(fmt::format("starting {} node{}", nodes_starting_, nodes_starting_ == 1 ? "" : "s"));
  if (nodes_starting_ == 0) {
    nodes_starting_ = 1;
    return node_started(command, ok_status());
  }
  for (const NodeDef& def : file_.nodes) {
    const NodeId node = fabric_.topology().node_named(def.name).value();
    nodes_.start(node, command, [this, command](Status status) { node_started(command, std::move(status)); });
  }
}

void LabSession::node_started(Seq command, Status status) {
  --nodes_starting_;
  if (!status && !start_error_) start_error_ = std::move(status).error();
  if (start_error_ && !ending_) {
    loop_.record(command, CommandDone{false, start_error_->what});
    return begin_end(EndReason{EndCause::failed, start_error_->what}, start_error_);
  }
  if (nodes_starting_ > 0 || ending_) return;
  loop_.record(command, CommandDone{true, {}});
  state_ = "running";
  narrate_("all nodes run after " + seconds_text(loop_.now().ns - runtime_.began.ns));
  if (options_.when_running) options_.when_running();
  // From a turn of its own, so that frames go first.
  loop_.call_at(loop_.now(), [this] { start_scenario(); });
}

void LabSession::start_scenario() {
  if (file_.scenario.empty()) {
    narrate_("the lab runs until it is stopped: Ctrl-C here, or labreel stop");
    return;
  }
  scenario_.run([this](Status status) {
    if (ending_) return;
    if (!status) return begin_end(EndReason{EndCause::failed, status.error().what}, status.error());
    if (!options_.keep) return begin_end(EndCause::scenario_done, std::nullopt);
    if (options_.kept_at_real_pace) engine_.keep_real_pace();
    narrate_("the scenario is done; the lab runs until it is stopped");
  });
}

void LabSession::begin_end(const EndReason& why, std::optional<Error> error) {
  if (ending_) return;
  ending_ = true;
  scenario_.abandon();
  state_ = "stopping";
  why_ = why;
  if (error) end_.error = std::move(error);
  const Seq command = loop_.record(Seq{}, Command{"stop", {}, OriginKind::run});
  nodes_.stop_all(command);
  loop_.record(command, CommandDone{true, {}});
  end_if_all_gone();
}

void LabSession::end_if_all_gone() {
  if (ending_ && !nodes_.any_alive()) over_ = true;
}

// A recorder that cannot write must not pretend to: the lab ends and says why. What was written stays.
void LabSession::watch_reel_health() {
  if (reel_ == nullptr) return;
  loop_.call_at(loop_.now() + kHealthInterval_ns, [this] {
    const WriterState state = reel_->state();
    if (!state.failure.empty()) {
      const EndReason why{EndCause::reel_unwritable, state.failure};
      return begin_end(why, Error{ErrorKind::host, why.text(), options_.reel_path,
                                  "everything up to there is in it: labreel check " + options_.reel_path});
    }
    watch_reel_health();
  });
}

void LabSession::play(const TypedCommand& typed) {
  loop_.call_at(typed.time, [this, typed] {
    if (!ending_) play_now(typed);
  });
}

// Execs and consoles of the recording go by the seq of the command that began them.
void LabSession::play_now(const TypedCommand& typed) {
  const auto name_of = [](Seq command) { return kReplayedToken | command.value; };
  const auto& [verb, arguments, by] = typed.request;
  if (!typed.keys.empty()) return consoles_.write(name_of(typed.cause), typed.keys);
  if (consoles_.play(typed.request, name_of(verb == "connect" ? typed.seq : typed.cause))) return;
  if (verb == "exec.cancel") return execs_.cancel(name_of(typed.cause));
  if (verb != "exec") return commands_.submit(typed.request, Seq{}, {});
  if (arguments.empty()) return;
  ExecObserver nobody;
  nobody.token = name_of(typed.seq);
  commands_.exec(arguments[0], {arguments.begin() + 1, arguments.end()}, by, Seq{}, std::move(nobody));
}

void LabSession::give_after(Seq position, const CommandRequest& request) {
  loop_.call_at(loop_.now(), [this, position, request] {
    if (!ending_) commands_.submit(request, position, {});
  });
}

void LabSession::end_at(LabTime at, const EndReason& why) {
  loop_.call_at(at, [this, why] { begin_end(why, std::nullopt); });
}

// So that any position of a long reel is near one, and a hole in it does not end all proof.
void LabSession::keep_checkpoints() {
  loop_.call_at(loop_.now() + kCheckpointInterval_ns, [this] {
    if (ending_) return;
    if (checkpoints_.has_news(fabric_.counts().frames)) make_checkpoint();
    keep_checkpoints();
  });
}

// From a timer: only there is the fabric at the very moment of the stamp that the event gets, whatever the clock.
void LabSession::ask_for_checkpoint() {
  if (checkpoint_asked_) return;
  checkpoint_asked_ = true;
  loop_.call_at(loop_.now(), [this] {
    checkpoint_asked_ = false;
    if (!ending_ && checkpoints_.is_due(fabric_.counts().frames)) make_checkpoint();
  });
}

void LabSession::make_checkpoint() {
  std::string state = fabric_.save();
  checkpoints_.made(fabric_.counts().frames, state.size());
  if (state.size() > kCheckpointBytes_max) {
    keep_note(sink_, CheckpointLeftOutNote{state.size(), kCheckpointBytes_max});
    return;
  }
  loop_.record(Seq{}, Checkpoint{std::move(state)});
}

void LabSession::submit(CommandRequest request, std::function<void(CommandReply)> done) {
  post([this, request = std::move(request), done = std::move(done)] {
    if (over_ || ending_) return done(CommandReply{.error = "the lab is ending"});
    commands_.submit(request, Seq{}, done);
  });
}

void LabSession::inject(InjectRequest request, std::function<void(InjectReply)> done) {
  post([this, request = std::move(request), done = std::move(done)] {
    if (over_ || ending_) return done(InjectReply{.last = {.error = "the lab is ending"}});
    done(commands_.inject(request));
  });
}

void LabSession::exec(std::string node, std::vector<std::string> argv, Origin by, ExecObserver observer) {
  post([this, node = std::move(node), argv = std::move(argv), by = std::move(by), observer = std::move(observer)] {
    if (over_ || ending_) return observer.done(-1, "the lab is ending");
    commands_.exec(node, argv, by, Seq{}, observer);
  });
}

void LabSession::cancel_exec(std::uint64_t token) {
  post([this, token] {
    if (over_ || ending_) return;  // the end of its node ends it
    execs_.cancel(token);
    consoles_.hang_up(token);
  });
}

void LabSession::connect(ConsoleRequest request, ExecObserver observer) {
  post([this, request = std::move(request), observer = std::move(observer)] {
    if (over_ || ending_) return observer.done(-1, "the lab is ending");
    consoles_.open(request, observer);
  });
}

void LabSession::write_console(std::uint64_t token, std::string bytes) {
  post([this, token, bytes = std::move(bytes)] {
    if (!over_ && !ending_) consoles_.write(token, bytes);
  });
}

void LabSession::resize_console(std::uint64_t token, std::uint16_t rows, std::uint16_t columns) {
  post([this, token, rows, columns] {
    if (!over_ && !ending_) consoles_.resize(token, rows, columns);
  });
}

void LabSession::stop(Origin by, std::function<void()> done) {
  {
    const std::lock_guard lock{sealed_lock_};
    if (!is_sealed_) {
      tell_sealed_.push_back(std::move(done));
      done = nullptr;
    }
  }
  if (done) return done();
  post([this, by = std::move(by)] {
    if (!over_) begin_end(EndCause::stopped, std::nullopt);
  });
}

void LabSession::sealed() {
  state_ = kEndedState.data();
  tell_news();
  const std::lock_guard lock{sealed_lock_};
  is_sealed_ = true;
  for (const auto& tell : tell_sealed_) tell();
  tell_sealed_.clear();
}

void LabSession::follow(const LabStatus& known, std::function<void()> news) {
  news_.wait(known.events, known.state, std::move(news));
  tell_news();
}

void LabSession::tell_news() { news_.tell(events_, state_.load()); }

LabStatus LabSession::status() {
  LabStatus status;
  status.lab = file_.name;
  status.reel = options_.reel_path;
  status.lab_file = std::filesystem::absolute(file_.path).string();
  status.pid = ::getpid();
  status.time_ns = time_ns_;
  status.events = events_;
  status.frames = frames_;
  status.nodes = nodes_now_;
  status.state = state_.load();
  return status;
}

std::vector<std::string> LabSession::pages_from(std::uint64_t first, std::size_t max_bytes) {
  return reel_ == nullptr ? std::vector<std::string>{} : reel_->pages_from(first, max_bytes);
}

std::vector<HostNote> LabSession::notes_so_far() {
  return reel_ == nullptr ? std::vector<HostNote>{} : reel_->notes_so_far();
}

}  // namespace labreel
