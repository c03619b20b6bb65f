// LabSession: one lab from its first event to its last, in real time.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/clock/lab_loop.h"
#include "engine/core/fabric.h"
#include "engine/text/host_notes.h"
#include "engine/lab/lab_file.h"
#include "engine/os/owned_fd.h"
#include "recorder/lab_control.h"
#include "recorder/lab_news.h"
#include "recorder/session/checkpoint_policy.h"
#include "recorder/session/commands.h"
#include "recorder/session/console_runner.h"
#include "recorder/session/continuation.h"
#include "recorder/session/exec_runner.h"
#include "recorder/session/lab_engine.h"
#include "recorder/session/node_keeper.h"
#include "recorder/session/recorded_lab.h"
#include "recorder/session/scenario_runner.h"
#include "store/reel_writer.h"

namespace labreel {

struct SessionOptions {
  std::optional<std::uint64_t> run_for_ns;  // --for
  bool keep = false;                        // --keep: go on after the scenario
  bool kept_at_real_pace = false;           // and then no faster than the wall clock, which people at a console live by
  std::optional<InputsNote> inputs = {};    // of a virtual lab: what it depends on beside its file
  std::string reel_path;                    // absolute
  std::optional<OldRun> old_run = {};       // of the reel, if it goes on
  std::optional<BranchPoint> branch = {};   // where the lab left its parent, if it is a branch
  std::function<void()> when_running = {};  // called once, when all nodes run and before the scenario
};

// How a lab ended.
struct SessionEnd {
  std::optional<Error> error;  // why it failed
  bool interrupted = false;    // Ctrl-C: exit code 130
  EndReason why;               // as in `lab.ended`
};

// Shape: run() is called once, on the thread that made the engine; LabControl's calls come from any thread.
class LabSession final : public LabControl, private NodeListener {
 public:
  // `reel` is where `sink` leads, if it leads to one: its health is watched and its pages are given to readers.
  LabSession(const LabFile& file, LabEngine& engine, EventSink& sink, ReelWriter* reel, SessionOptions options,
             Narrate narrate);
  ~LabSession() override;

  // Starts the lab, plays it and ends it. The reel is not sealed here: seal it, then call sealed().
  SessionEnd run();
  // Gives a command or keys at their lab time, as a person did in an earlier run. Called before run().
  void play(const TypedCommand& typed);
  // Ends the lab at a lab time, as a person did. Called before run().
  void end_at(LabTime at, const EndReason& why);
  // Gives a command because a position was reached: after what has happened by now, before anything later. Called on
  // the lab's thread.
  void give_after(Seq position, const CommandRequest& request);
  // Tells those who asked for the lab's end that its reel is sealed.
  void sealed();

  void submit(CommandRequest request, std::function<void(CommandReply)> done) override;
  void inject(InjectRequest request, std::function<void(InjectReply)> done) override;
  void exec(std::string node, std::vector<std::string> argv, Origin by, ExecObserver observer) override;
  void cancel_exec(std::uint64_t token) override;
  void connect(ConsoleRequest request, ExecObserver observer) override;
  void write_console(std::uint64_t token, std::string bytes) override;
  void resize_console(std::uint64_t token, std::uint16_t rows, std::uint16_t columns) override;
  void stop(Origin by, std::function<void()> done) override;
  LabStatus status() override;
  void follow(const LabStatus& known, std::function<void()> news) override;
  std::vector<std::string> pages_from(std::uint64_t first, std::size_t max_bytes) override;
  std::vector<HostNote> notes_so_far() override;

 private:
  void post(std::function<void()> call);
  void run_posted();
  void watch_signals();
  void play_now(const TypedCommand& typed);
  void begin_lab();
  void tell_news();
  void count_nodes();
  Seq end_old_run(const OldRun& old_run);
  void start_nodes(Seq command);
  void node_started(Seq command, Status status);
  void start_scenario();
  void begin_end(const EndReason& why, std::optional<Error> error);
  void end_if_all_gone();
  void watch_reel_health();
  void keep_checkpoints();
  void ask_for_checkpoint();
  void make_checkpoint();

  void node_is_up(NodeId node) override;
  void node_failed(NodeId node, const std::string& error) override;
  void node_is_down(NodeId node, bool asked, const std::string& why) override;
  void node_is_paused(NodeId node) override;
  void port_changed(NodeId node, PortId port, const std::string& error) override;
  void console_printed(ExecId console, std::string_view bytes) override;
  void exec_printed(ExecId exec, Stream stream, std::string_view bytes) override;
  void exec_ended(ExecId exec, std::int32_t status) override;

  const LabFile& file_;
  EventSink& sink_;
  ReelWriter* reel_;
  SessionOptions options_;
  Narrate narrate_;
  LabEngine& engine_;
  Fabric& fabric_;
  LabLoop& loop_;
  LabRuntime runtime_;
  ExecRunner execs_;
  ConsoleRunner consoles_;
  NodeKeeper nodes_;
  Commands commands_;
  ScenarioRunner scenario_;

  OwnedFd wake_;     // eventfd: posted_ has something
  OwnedFd signals_;  // signalfd
  std::mutex posted_lock_;
  std::deque<std::function<void()>> posted_;
  bool accepts_posts_ = true;  // under posted_lock_
  std::mutex sealed_lock_;
  std::vector<std::function<void()>> tell_sealed_;  // under sealed_lock_
  bool is_sealed_ = false;

  std::size_t nodes_starting_ = 0;
  std::optional<Error> start_error_;
  bool ending_ = false;
  bool over_ = false;
  EndReason why_;
  SessionEnd end_;
  int interrupts_ = 0;
  CheckpointPolicy checkpoints_;
  bool checkpoint_asked_ = false;

  std::atomic<std::uint64_t> time_ns_{0}, events_{0}, frames_{0};
  std::atomic<std::uint32_t> nodes_now_{0};  // of when others_counted_ events were no frames
  std::uint64_t others_counted_ = ~std::uint64_t{0};
  std::atomic<const char*> state_{"starting"};
  LabNews news_;
};

}  // namespace labreel
