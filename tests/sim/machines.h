// Machines: a node driver whose nodes are simulated: they come up or do not, send, stop reading, answer, hang and die.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/clock/real_time_loop.h"
#include "engine/nodes/node_driver.h"
#include "tests/sim/wire.h"
#include "tests/sim/world.h"

namespace labreel::sim {

// How wild the machines of a run are, in percent of the occasions.
struct Temper {
  std::uint64_t fails_to_start = 0;
  std::uint64_t dies_per_10000_acts = 0;
  std::uint64_t stops_reading = 0;
};

// Shape: tells what the spawner of real nodes would tell, in its order: a node's execs end before the node does; what
// is
//        asked of a node that is not running is refused.
class Machines final : public NodeDriver {
 public:
  Machines(std::uint64_t seed, const Temper& temper, World& world, RealTimeLoop& loop);
  ~Machines() override;

  void listen(NodeListener& listener) override { listener_ = &listener; }
  void start(const NodeSpec& spec) override;
  void stop(NodeId node) override;
  void crash(NodeId node) override;
  void pause(NodeId node) override;
  void resume(NodeId node) override;
  void exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) override;
  void kill_exec(ExecId exec) override;
  bool console(ExecId console, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
               std::uint16_t columns) override;
  void write_console(ExecId console, std::string_view bytes) override;
  void add_port(NodeId node, const InterfaceSpec& interface) override;
  void remove_port(NodeId node, PortId port) override;

 private:
  struct Machine {
    std::uint64_t life = 0;  // what was meant for an earlier one passes by
    bool is_up = false;
    bool is_paused = false;
    bool is_ending = false;
    bool reads = true;
    std::map<PortId, std::shared_ptr<Wire>> wires;  // attached
    std::vector<InterfaceSpec> plugged_early;       // before it was up
  };
  struct Process {
    NodeId node{};
    bool is_console = false;
  };

  // Tells the session something, from the loop, after a while.
  void tell(std::uint64_t delay_ns, std::function<void()> words);
  void come_up(const NodeSpec& spec);
  void attach(Machine& machine, const InterfaceSpec& interface);
  void end(NodeId node, bool asked, const std::string& why);
  void end_process(ExecId id, std::int32_t status);
  // The machine's life: it does something, and again a little later.
  void act(NodeId node, std::uint64_t life);
  void send_burst(Machine& machine);
  void read_all(Machine& machine);
  std::string random_frame();
  Machine* alive(NodeId node);

  Dice dice_;
  const Temper temper_;
  World& world_;
  RealTimeLoop& loop_;
  NodeListener* listener_ = nullptr;
  std::uint64_t lives_ = 0;
  std::map<NodeId, Machine> machines_;
  std::map<ExecId, Process> processes_;
  std::vector<MacAddress> addresses_;  // of all interfaces that ever were
  Flag has_words_;
  std::deque<std::function<void()>> words_;
};

}  // namespace labreel::sim
