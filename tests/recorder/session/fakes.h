// Fakes that let the parts of a session run without a host: time that only timers move, nodes that are scripts, and a real
// fabric. The same lab gives the same events, every time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/clock/lab_loop.h"
#include "engine/core/fabric.h"
#include "engine/nodes/node_driver.h"
#include "recorder/session/commands.h"
#include "recorder/session/exec_runner.h"
#include "recorder/session/node_keeper.h"
#include "recorder/session/scenario_runner.h"

namespace labreel::test {

// Keeps every event; those of frames own their bytes and copies.
class VectorSink final : public EventSink {
 public:
  Seq append(LabTime at, Seq cause, const EventBody& body) override;
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override;
  Seq next_seq() const override { return Seq{events_.size() + 1}; }
  void note(std::string_view, std::string_view) override {}

  const std::vector<Event>& events() const { return events_; }

 private:
  struct KeptFrame {
    std::vector<std::byte> bytes;
    std::vector<Copy> copies;
  };
  Frame kept(const Frame& frame);

  std::vector<Event> events_;
  std::vector<std::unique_ptr<KeptFrame>> frames_;
};

// Time jumps from timer to timer. Timers of one time are called in the order in which they were set, one a turn.
class FakeLoop final : public LabLoop {
 public:
  FakeLoop(Fabric& fabric, EventSink& sink) : fabric_(fabric), sink_(sink) {}

  LabTime now() const override { return now_; }
  TimerId call_at(LabTime when, std::function<void()> call) override;
  void cancel(TimerId timer) override;
  void watch(int, std::function<void()>) override { LABREEL_CHECK(false); }  // nothing of the host is here
  void unwatch(int) override { LABREEL_CHECK(false); }
  Result<Seq> apply(Seq cause, const EventBody& effect) override;
  Result<Seq> inject(Seq cause, PortId port, Bytes frame) override;
  Seq record(Seq cause, const EventBody& body) override { return sink_.append(now_, cause, body); }
  void turn() override;
  void report_health() override {}

  bool is_idle() const { return timers_.empty(); }
  // Takes turns up to and with that time; time is then there.
  void run_until(LabTime when);

 private:
  struct Timer {
    TimerId id;
    std::function<void()> call;
  };
  Fabric& fabric_;
  EventSink& sink_;
  LabTime now_;
  std::multimap<std::uint64_t, Timer> timers_;
  std::uint64_t last_timer_ = 0;
};

// What a command in a fake node does.
struct FakeAnswer {
  std::string stdout_text = {};
  std::int32_t status = 0;
  std::uint64_t takes_ns = 1'000'000;
  bool hangs = false;  // it never ends by itself
};

// Nodes come up after 10 ms and stop after 5 ms; what a command does is up to on_exec.
class FakeDriver final : public NodeDriver {
 public:
  explicit FakeDriver(FakeLoop& loop) : loop_(loop) {}

  // Called with the node's name and the shell command line (or the program, without a shell) when an exec begins.
  std::function<FakeAnswer(const std::string& node, const std::string& line)> on_exec =
      [](const std::string&, const std::string&) { return FakeAnswer{}; };
  // Nodes that do not start, with the reason.
  std::map<std::string, std::string> broken;

  // A node ends by itself.
  void die(NodeId node, const std::string& why) { end(node, false, why); }
  bool runs(NodeId node) const { return names_.contains(node); }

  void listen(NodeListener& listener) override { listener_ = &listener; }
  void start(const NodeSpec& spec) override;
  void stop(NodeId node) override;
  void crash(NodeId node) override;
  void pause(NodeId node) override { listener_->node_is_paused(node); }
  void resume(NodeId) override {}
  void exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) override;
  void kill_exec(ExecId exec) override { end_exec(exec, 128 + 9); }
  void add_port(NodeId node, const InterfaceSpec& interface) override;
  void remove_port(NodeId node, PortId port) override;

 private:
  void end_exec(ExecId exec, std::int32_t status);
  void end(NodeId node, bool asked, const std::string& why);

  FakeLoop& loop_;
  NodeListener* listener_ = nullptr;
  std::map<NodeId, std::string> names_;  // of those that run
  std::map<ExecId, NodeId> execs_;
};

// A lab of a lab file's text, with all of its nodes running and its scenario ready.
class FakeLab final : private NodeListener {
 public:
  // Throws std::invalid_argument if the text is no lab file; it is called labs/lab.yml.
  explicit FakeLab(const std::string& text);

  // Starts the nodes, the watches and then the scenario, and takes turns until the scenario is over or `limit` is reached.
  // Shape: nothing if the limit was reached.
  std::optional<Status> play(LabTime limit = LabTime{600'000'000'000});
  // Starts the nodes and the watches, and takes turns until all nodes run.
  void start();

  const std::vector<Event>& events() const { return sink.events(); }
  // Each `scenario` event as "SECONDS STEP STATE DETAIL", such as "12.5 3 failed no node r9".
  std::vector<std::string> scenario_lines() const;
  // Each command of the scenario as "SECONDS VERB ARGUMENTS", or "… -> ERROR".
  std::vector<std::string> command_lines() const;

  LabFile file;
  Fabric fabric;
  VectorSink sink;
  FakeLoop loop;
  FakeDriver driver;
  std::vector<std::string> narrated;
  LabRuntime runtime;
  ExecRunner execs;
  NodeKeeper nodes;
  Commands commands;
  ScenarioRunner scenario;
  std::vector<std::string> deaths;  // nodes that died by themselves

 private:
  void node_is_up(NodeId node) override { nodes.came_up(node); }
  void node_is_paused(NodeId node) override { nodes.was_paused(node); }
  void node_failed(NodeId node, const std::string& error) override { nodes.failed(node, error); }
  void node_is_down(NodeId node, bool asked, const std::string& why) override { nodes.went_down(node, asked, why); }
  void port_changed(NodeId, PortId port, const std::string& error) override { nodes.port_changed(port, error); }
  void exec_printed(ExecId exec, Stream stream, std::string_view bytes) override { execs.printed(exec, stream, bytes); }
  void exec_ended(ExecId exec, std::int32_t status) override { execs.ended(exec, status); }
};

}  // namespace labreel::test
