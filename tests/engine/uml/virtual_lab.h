// VirtualLab: a lab of uml nodes for tests: fabric, calendar, guests, and the list of all events as text.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/clock/virtual/virtual_loop.h"
#include "engine/core/fabric.h"
#include "engine/nodes/uml/uml_driver.h"

namespace labreel {

// Keeps one line an event, with time and all its bytes.
class EventList final : public EventSink {
 public:
  Seq append(LabTime at, Seq cause, const EventBody& body) override;
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override;
  Seq next_seq() const override { return Seq{lines.size() + 1}; }
  void note(std::string_view kind, std::string_view detail) override {
    notes.emplace_back(std::string(kind) + " " + std::string(detail));
  }

  std::vector<std::string> lines;
  std::vector<std::string> notes;
  std::uint64_t frames = 0;
  LabTime last;

 private:
  Seq add(LabTime at, std::string line);
};

// Returns the kernel, built if it is not there yet.
std::string kernel_for_tests();

struct ExecResult {
  std::string out;
  std::string err;
  std::int32_t status = -1;
  bool done = false;
};

struct LabOptions {
  std::uint64_t seed = 42;
  std::size_t threads = 2;
  bool pin = true;
  bool strict = false;
  int silence_ms = 30'000;
  std::string kernel;  // another than the cached one
};

class VirtualLab final : public NodeListener {
 public:
  explicit VirtualLab(const LabOptions& options = {});
  ~VirtualLab() override;

  // Makes and starts a node; its ports are eth1, eth2 …, each with the addresses given for it.
  NodeId add_node(const std::string& name, const std::vector<std::vector<std::string>>& addresses,
                  std::vector<NodeFile> files = {}, std::vector<NodeSetting> settings = {});
  void start_again(NodeId node);
  void add_link(const std::string& a, const std::string& b, const CableSettings& settings);

  // Turns the loop until something holds, or lab time has passed; says whether it holds.
  bool run_until(const std::function<bool()>& holds, std::uint64_t longest_ns = 60'000'000'000);
  bool all_up();
  void run_for(std::uint64_t duration_ns);
  // Starts a command; its result is in execs.
  ExecId begin(const std::string& node, const std::string& command);
  // Opens a terminal of 24 by 80 on which a program runs; what it shows is the `out` of its result in execs.
  ExecId open_console(const std::string& node, const std::vector<std::string>& argv);
  // Runs a command to its end.
  ExecResult exec(const std::string& node, const std::string& command, std::uint64_t longest_ns = 60'000'000'000);

  // SHA-256 would do as well; this is enough to tell two lists of events apart.
  std::string digest() const;

  NodeId id_of(const std::string& node) const { return *fabric.topology().node_named(node); }

  void node_is_up(NodeId node) override;
  void node_failed(NodeId node, const std::string& error) override;
  void node_is_down(NodeId node, bool asked, const std::string& why) override;
  void port_changed(NodeId node, PortId port, const std::string& error) override;
  void console_printed(ExecId console, std::string_view bytes) override;
  void exec_printed(ExecId exec, Stream stream, std::string_view bytes) override;
  void exec_ended(ExecId exec, std::int32_t status) override;

  Fabric fabric;
  EventList events;
  VirtualLoop loop;
  UmlDriver driver;
  std::map<NodeId, std::string> state;  // "starting", "up", "failed: …", "down: …"
  std::map<ExecId, ExecResult> execs;

 private:
  void apply(const EventBody& effect);
  std::map<NodeId, NodeSpec> specs_;
  std::map<ExecId, NodeId> exec_nodes_;
  std::uint32_t last_exec_ = 0;
};

}  // namespace labreel
