#include "engine/nodes/uml/uml_driver.h"

#include <utility>

#include "engine/clock/virtual/time_travel_guest.h"
#include "engine/core/node_kinds.h"
#include "engine/nodes/terminal.h"
#include "engine/nodes/uml/launch.h"
#include "engine/nodes/uml/uml_machine.h"

namespace labreel {

std::vector<std::string> uml_command_line(const UmlOptions& options, const NodeSpec& spec, LabTime start) {
  // All of this is mixed into the guest's random numbers: no path of the host may stand in it.
  std::vector<std::string> words{
      "mem=" + std::to_string(size_in(NodeKindName::uml, spec.settings, "memory").value_or(options.memory_mib * kMiB) / kMiB) + "M",
      "umid=guest",
      "uml_dir=./uml/",
      "time-travel=ext:1:time",
      "time-travel-start=" + std::to_string(options.epoch_s * 1'000'000'000 + start.ns - kGuestHeadStart_ns),
      "tt-clock-cost=" + std::to_string(options.clock_cost_ns),
      "random.trust_bootloader=off",
      "random.trust_cpu=off",
      "initrd=initramfs",
      "con0=fd:0,fd:1",
      "con=null",
      "quiet",
      // With an image the guest's root is not the host's.
      options.image.empty() ? "hostfs-tell=" + std::to_string(kPathLogFd) : "hostfs-tell=-1",
      "labreel.seed=" + std::to_string(options.seed) + "." + spec.name,
      "virtio_uml.device=agent:3:0",
  };
  for (std::size_t i = 0; i < spec.interfaces.size(); ++i) {
    words.push_back("virtio_uml.device=card" + std::to_string(i) + ":1:" + std::to_string(i + 1));
  }
  return words;
}

UmlDriver::UmlDriver(VirtualLoop& loop, UmlOptions options) : loop_(loop), options_(std::move(options)) {
  RunFolder::sweep();
}

UmlDriver::~UmlDriver() = default;

UmlDriver::Machine* UmlDriver::machine_of(NodeId node) {
  const auto found = machines_.find(node);
  return found == machines_.end() ? nullptr : found->second.get();
}

void UmlDriver::start(const NodeSpec& spec) {
  LABREEL_CHECK(!machines_.contains(spec.node));
  try {
    machines_.emplace(spec.node, std::make_unique<Machine>(*this, spec, started_++));
  } catch (const std::system_error& error) {
    soon([this, node = spec.node, what = std::string(error.what())] { listener_->node_failed(node, what); });
  }
}

void UmlDriver::stop(NodeId node) {
  if (Machine* const machine = machine_of(node)) machine->stop();
}

void UmlDriver::crash(NodeId node) {
  if (Machine* const machine = machine_of(node)) machine->crash();
}

void UmlDriver::pause(NodeId node) {
  Machine* const machine = machine_of(node);
  if (machine == nullptr) return;  // its end is being told
  machine->pause();
  listener_->node_is_paused(node);
}

void UmlDriver::resume(NodeId node) {
  if (Machine* const machine = machine_of(node)) machine->resume();
}

UmlDriver::Machine* UmlDriver::machine_of(ExecId exec) {
  const auto found = execs_.find(exec);
  return found == execs_.end() ? nullptr : machine_of(found->second);
}

void UmlDriver::exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) {
  begin(AgentMessageKind::exec, exec, node, argv);
}

bool UmlDriver::console(ExecId console, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
                        std::uint16_t columns) {
  begin(AgentMessageKind::console, console, node, argv, packed_size(rows, columns));
  return true;
}

void UmlDriver::begin(AgentMessageKind kind, ExecId exec, NodeId node, const std::vector<std::string>& argv,
                      std::int32_t detail) {
  constexpr std::int32_t kNotRunnable = 126;
  Machine* const machine = machine_of(node);
  if (machine != nullptr && machine->begin(kind, exec, argv, detail)) {
    execs_[exec] = node;
  } else {
    soon([this, exec] { listener_->exec_ended(exec, kNotRunnable); });
  }
}

void UmlDriver::kill_exec(ExecId exec) {
  if (Machine* const machine = machine_of(exec)) machine->kill_exec(exec);
}

void UmlDriver::write_console(ExecId console, std::string_view bytes) {
  if (Machine* const machine = machine_of(console)) machine->write_console(console, bytes);
}

void UmlDriver::resize_console(ExecId console, std::uint16_t rows, std::uint16_t columns) {
  if (Machine* const machine = machine_of(console)) machine->resize_console(console, packed_size(rows, columns));
}

void UmlDriver::add_port(NodeId node, const InterfaceSpec& interface) {
  soon([this, node, port = interface.port] {
    listener_->port_changed(node, port,
                            "a uml node gets all its ports when it starts: stop it, add the port, start it");
  });
}

void UmlDriver::remove_port(NodeId node, PortId port) {
  if (Machine* const machine = machine_of(node)) machine->remove_port(port);
}

// The machine is in the middle of a call: it goes at the next occasion.
void UmlDriver::bury(NodeId node) {
  auto found = machines_.extract(node);
  if (found.empty()) return;
  dead_.push_back(std::move(found.mapped()));
  soon([this] { dead_.clear(); });
}

}  // namespace labreel
