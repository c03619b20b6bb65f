#include "tests/sim/machines.h"

#include <utility>

#include "engine/core/check.h"

namespace labreel::sim {
namespace {

constexpr std::uint64_t kMillisecond_ns = 1'000'000;
constexpr std::int32_t kKilled = 128 + 9;
constexpr std::int32_t kNoNode = 127;

}  // namespace

Machines::Machines(std::uint64_t seed, const Temper& temper, World& world, RealTimeLoop& loop)
    : dice_(seed, 'm'), temper_(temper), world_(world), loop_(loop) {
  loop_.watch(has_words_.fd(), [this] {
    has_words_.lower();
    while (!words_.empty()) {
      const auto words = std::move(words_.front());
      words_.pop_front();
      words();
    }
  });
}

Machines::~Machines() {
  loop_.unwatch(has_words_.fd());
  for (const auto& [node, machine] : machines_) {
    for (const auto& [port, wire] : machine.wires) loop_.detach(port);
  }
}

void Machines::tell(std::uint64_t delay_ns, std::function<void()> words) {
  world_.after(delay_ns, [this, words = std::move(words)]() mutable {
    words_.push_back(std::move(words));
    has_words_.raise();
  });
}

Machines::Machine* Machines::alive(NodeId node) {
  const auto found = machines_.find(node);
  return found == machines_.end() || !found->second.is_up ? nullptr : &found->second;
}

void Machines::start(const NodeSpec& spec) {
  LABREEL_CHECK(!machines_.contains(spec.node));  // the session may not start what runs
  Machine machine;
  machine.life = ++lives_;
  machines_.emplace(spec.node, std::move(machine));
  for (const InterfaceSpec& interface : spec.interfaces) addresses_.push_back(interface.mac);
  const bool fails = dice_.percent(temper_.fails_to_start);
  tell(dice_.between(100'000, 30 * kMillisecond_ns), [this, spec, life = lives_, fails] {
    const auto found = machines_.find(spec.node);
    if (found == machines_.end() || found->second.life != life) return;
    if (!fails) return come_up(spec);
    machines_.erase(found);
    listener_->node_failed(spec.node, "the simulated host has no room");
  });
}

void Machines::come_up(const NodeSpec& spec) {
  Machine& machine = machines_.at(spec.node);
  machine.is_up = true;
  listener_->node_is_up(spec.node);
  for (const InterfaceSpec& interface : spec.interfaces) attach(machine, interface);
  for (const InterfaceSpec& interface : std::exchange(machine.plugged_early, {})) add_port(spec.node, interface);
  world_.after(dice_.number(kMillisecond_ns), [this, node = spec.node, life = machine.life] { act(node, life); });
}

void Machines::attach(Machine& machine, const InterfaceSpec& interface) {
  auto wire = std::make_shared<Wire>();
  machine.wires[interface.port] = wire;
  loop_.attach(interface.port, std::make_unique<WirePort>(std::move(wire)));
}

void Machines::stop(NodeId node) {
  const auto found = machines_.find(node);
  if (found == machines_.end() || found->second.is_ending) return;  // it has ended by itself, and will be told
  found->second.is_ending = true;
  tell(dice_.between(10'000, 20 * kMillisecond_ns), [this, node, life = found->second.life] {
    const auto now = machines_.find(node);
    if (now == machines_.end() || now->second.life != life) return;
    if (now->second.is_up) return end(node, true, "stopped");
    machines_.erase(now);
    listener_->node_failed(node, "start the node: its first process was stopped");
  });
}

void Machines::crash(NodeId node) {
  const auto found = machines_.find(node);
  if (found == machines_.end() || found->second.is_ending) return;
  found->second.is_ending = true;
  tell(dice_.between(1'000, kMillisecond_ns), [this, node, life = found->second.life] {
    const auto now = machines_.find(node);
    if (now != machines_.end() && now->second.life == life) end(node, true, "crashed");
  });
}

void Machines::end(NodeId node, bool asked, const std::string& why) {
  std::vector<ExecId> lost;
  for (const auto& [id, process] : processes_) {
    if (process.node == node) lost.push_back(id);
  }
  for (const ExecId id : lost) end_process(id, kKilled);
  for (const auto& [port, wire] : machines_.at(node).wires) loop_.detach(port);
  machines_.erase(node);
  listener_->node_is_down(node, asked, why);
}

void Machines::pause(NodeId node) {
  Machine* const machine = alive(node);
  if (machine == nullptr) return;  // its end is on its way
  tell(dice_.between(1'000, kMillisecond_ns), [this, node, life = machine->life] {
    Machine* const now = alive(node);
    if (now == nullptr || now->life != life) return;
    now->is_paused = true;
    listener_->node_is_paused(node);
  });
}

void Machines::resume(NodeId node) {
  if (Machine* const machine = alive(node)) machine->is_paused = false;
}

void Machines::exec(ExecId exec, NodeId node, const std::vector<std::string>&) {
  processes_[exec] = {node};
  if (alive(node) == nullptr) return tell(dice_.number(kMillisecond_ns), [this, exec] { end_process(exec, kNoNode); });
  std::uint64_t delay_ns = 0;
  for (std::uint64_t chunks = dice_.number(4); chunks > 0; --chunks) {
    delay_ns += dice_.number(5 * kMillisecond_ns);
    static const std::vector<std::string> kTexts{"Full\n", "Init\n", "up\n", std::string("\0\xff", 2),
                                                 std::string(3'000, 'x')};
    tell(delay_ns, [this, exec, stream = dice_.percent(80) ? Stream::stdout_stream : Stream::stderr_stream,
                    text = dice_.one_of(kTexts)] {
      if (processes_.contains(exec)) listener_->exec_printed(exec, stream, text);
    });
  }
  if (dice_.percent(5)) return;  // it hangs until it or its node is killed
  tell(delay_ns + dice_.between(1, 10 * kMillisecond_ns),
       [this, exec, status = dice_.percent(85) ? 0 : static_cast<std::int32_t>(dice_.number(256))] {
         end_process(exec, status);
       });
}

void Machines::kill_exec(ExecId exec) {
  tell(dice_.number(kMillisecond_ns), [this, exec] { end_process(exec, kKilled); });
}

bool Machines::console(ExecId console, NodeId node, const std::vector<std::string>&, std::uint16_t, std::uint16_t) {
  processes_[console] = {node, true};
  tell(dice_.number(kMillisecond_ns), [this, console, node] {
    if (alive(node) == nullptr) return end_process(console, kNoNode);
    if (processes_.contains(console)) listener_->console_printed(console, "# ");
  });
  if (dice_.percent(50)) tell(dice_.number(200 * kMillisecond_ns), [this, console] { end_process(console, 0); });
  return true;
}

void Machines::write_console(ExecId console, std::string_view bytes) {
  tell(dice_.number(kMillisecond_ns), [this, console, echo = std::string{bytes}] {
    if (processes_.contains(console)) listener_->console_printed(console, echo);
  });
}

void Machines::end_process(ExecId id, std::int32_t status) {
  if (processes_.erase(id) > 0) listener_->exec_ended(id, status);
}

void Machines::add_port(NodeId node, const InterfaceSpec& interface) {
  addresses_.push_back(interface.mac);
  const auto found = machines_.find(node);
  if (found != machines_.end() && !found->second.is_up) {
    found->second.plugged_early.push_back(interface);
    return;
  }
  const std::uint64_t life = found == machines_.end() ? 0 : found->second.life;
  const bool fails = dice_.percent(10);
  tell(dice_.number(2 * kMillisecond_ns), [this, node, interface, life, fails] {
    Machine* const machine = alive(node);
    if (machine == nullptr || machine->life != life)
      return listener_->port_changed(node, interface.port, "the node is not running");
    if (fails) return listener_->port_changed(node, interface.port, "the simulated host has no interfaces left");
    attach(*machine, interface);
    listener_->port_changed(node, interface.port, {});
  });
}

void Machines::remove_port(NodeId node, PortId port) {
  loop_.detach(port);
  if (Machine* const machine = alive(node)) machine->wires.erase(port);
  tell(dice_.number(kMillisecond_ns), [this, node, port] { listener_->port_changed(node, port, {}); });
}

void Machines::act(NodeId node, std::uint64_t life) {
  Machine* const machine = alive(node);
  if (machine == nullptr || machine->life != life) return;
  world_.after(dice_.between(20'000, dice_.percent(10) ? 50 * kMillisecond_ns : 3 * kMillisecond_ns),
               [this, node, life] { act(node, life); });
  // A paused node's kernel still answers, and may fill its devices.
  if (machine->is_paused) return dice_.percent(30) ? send_burst(*machine) : void();
  if (dice_.number(10'000) < temper_.dies_per_10000_acts && !machine->is_ending) {
    machine->is_ending = true;
    for (const auto& [port, wire] : machine->wires) wire->close();
    return tell(dice_.number(kMillisecond_ns), [this, node, life] {
      const Machine* const dying = alive(node);
      if (dying != nullptr && dying->life == life) end(node, false, "killed by signal 9");
    });
  }
  if (machine->reads) read_all(*machine);
  if (dice_.percent(5)) machine->reads = !dice_.percent(temper_.stops_reading);
  if (dice_.percent(60)) send_burst(*machine);
}

void Machines::send_burst(Machine& machine) {
  if (machine.wires.empty()) return;
  const auto wire = std::next(machine.wires.begin(), static_cast<std::ptrdiff_t>(dice_.number(machine.wires.size())));
  for (std::uint64_t frames = dice_.percent(5) ? dice_.number(150) : dice_.between(1, 4); frames > 0; --frames) {
    if (!wire->second->is_closed) wire->second->send(random_frame());
  }
}

// What was read is gone; some of it is answered on the same wire.
void Machines::read_all(Machine& machine) {
  for (const auto& [port, wire] : machine.wires) {
    for (std::string& frame : std::exchange(wire->unread, {})) {
      if (frame.size() < 14 || !dice_.percent(20) || wire->is_closed) continue;
      std::swap_ranges(frame.begin(), frame.begin() + 6, frame.begin() + 6);
      wire->send(std::move(frame));
    }
    wire->unread_bytes = 0;
  }
}

std::string Machines::random_frame() {
  std::uint64_t length = dice_.between(14, 200);
  if (dice_.percent(20)) length = dice_.between(14, 1'514);
  if (dice_.percent(2)) length = dice_.number(14);
  if (dice_.percent(1)) length = dice_.between(9'000, 9'400);
  std::string frame(length, static_cast<char>(dice_.number(256)));
  const auto put_address = [&](std::size_t at, bool may_be_group) {
    if (frame.size() < at + 6) return;
    if (may_be_group && dice_.percent(20))
      frame.replace(at, 6, 6, '\xff');
    else
      frame.replace(at, 6, reinterpret_cast<const char*>(dice_.one_of(addresses_).data()), 6);
  };
  put_address(0, true);
  put_address(6, dice_.percent(1));
  return frame;
}

}  // namespace labreel::sim
