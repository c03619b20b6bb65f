#include "tests/engine/uml/virtual_lab.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "engine/lab/lab_file.h"
#include "engine/nodes/uml/kernel_cache.h"

namespace labreel {
namespace {

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

UmlOptions uml_options(const LabOptions& options) {
  UmlOptions uml;
  uml.kernel = options.kernel.empty() ? kernel_for_tests() : options.kernel;
  uml.seed = options.seed;
  uml.pin = options.pin;
  uml.strict = options.strict;
  uml.silence_ms = options.silence_ms;
  return uml;
}

VirtualLoopOptions loop_options(const LabOptions& options) {
  VirtualLoopOptions loop;
  loop.threads = options.threads;
  return loop;
}

// What an event says beyond its kind; only what these tests can make happen.
std::string detail_of(const EventBody& body) {
  if (const auto* outcome = std::get_if<Outcome>(&body)) {
    return fmt::format("frame {} copy {} {}", outcome->frame.value, outcome->copy, name_of(outcome->reason));
  }
  if (const auto* output = std::get_if<ExecOutput>(&body)) return output->bytes;
  if (const auto* console = std::get_if<Console>(&body)) return console->bytes;
  if (const auto* done = std::get_if<ExecDone>(&body)) return fmt::format("{}", done->status);
  if (const auto* exec = std::get_if<Exec>(&body)) return exec->argv.back();
  if (const auto* stopped = std::get_if<NodeStopped>(&body)) return stopped->why;
  if (const auto* gap = std::get_if<Gap>(&body)) return gap->reason;
  return {};
}

}  // namespace

std::string kernel_for_tests() {
  const UmlKernel kernel = find_uml_kernel();
  if (!kernel.built) {
    const Status built = build_uml_kernel({});
    INFO((built ? "" : built.error().what + " " + built.error().hint));
    REQUIRE(built);
  }
  return kernel.path;
}

Seq EventList::add(LabTime at, std::string line) {
  REQUIRE(at >= last);
  last = at;
  lines.push_back(fmt::format("{:12} {}", at.ns, line));
  return Seq{lines.size()};
}

Seq EventList::append(LabTime at, Seq cause, const EventBody& body) {
  return add(at, fmt::format("{} cause {} {}", name_of(kind_of(body)), cause.value, detail_of(body)));
}

Seq EventList::append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) {
  ++frames;
  std::string line = fmt::format("frame port {} {}", index_of(port), hex(bytes));
  for (const Copy& copy : copies)
    line += fmt::format(" -> {} {} {}", index_of(copy.port), copy.due.ns, name_of(copy.reason));
  return add(at, std::move(line));
}

VirtualLab::VirtualLab(const LabOptions& options)
    : fabric(options.seed), loop(fabric, events, loop_options(options)), driver(loop, uml_options(options)) {
  driver.listen(*this);
}

VirtualLab::~VirtualLab() = default;

void VirtualLab::apply(const EventBody& effect) {
  const auto applied = loop.apply(Seq{}, effect);
  INFO((applied ? "" : applied.error().what));
  REQUIRE(applied);
}

NodeId VirtualLab::add_node(const std::string& name, const std::vector<std::vector<std::string>>& addresses,
                            std::vector<NodeFile> files, std::vector<NodeSetting> settings) {
  NodeSpec spec;
  spec.node = fabric.topology().next_node();
  spec.name = name;
  spec.kind = "uml";
  spec.files = std::move(files);
  spec.settings = std::move(settings);
  apply(NodeAdded{spec.node, name, "uml", std::nullopt, spec.settings});
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    InterfaceSpec port{fabric.topology().next_port(), "eth" + std::to_string(i + 1), {}, 1500, addresses[i]};
    port.mac = default_mac("test", name, port.name);
    apply(PortAdded{port.port, spec.node, port.name, port.mac, 9216});
    spec.interfaces.push_back(std::move(port));
  }
  specs_[spec.node] = spec;
  start_again(spec.node);
  return spec.node;
}

void VirtualLab::start_again(NodeId node) {
  apply(NodeStarting{node});
  state[node] = "starting";
  driver.start(specs_[node]);
}

void VirtualLab::add_link(const std::string& a, const std::string& b, const CableSettings& settings) {
  const Topology& topology = fabric.topology();
  apply(LinkAdded{topology.next_link(), {*topology.port_named(a), *topology.port_named(b)}, {settings, settings}});
}

bool VirtualLab::run_until(const std::function<bool()>& holds, std::uint64_t longest_ns) {
  const LabTime end = loop.now() + longest_ns;
  bool over = false;
  const TimerId timer = loop.call_at(end, [&] { over = true; });
  while (!over && !holds()) loop.turn();
  loop.cancel(timer);
  return holds();
}

void VirtualLab::run_for(std::uint64_t duration_ns) {
  run_until([] { return false; }, duration_ns);
}

bool VirtualLab::all_up() {
  return run_until([&] {
    for (const auto& [node, what] : state) {
      if (what != "up") return false;
    }
    return true;
  });
}

ExecId VirtualLab::begin(const std::string& node, const std::string& command) {
  const ExecId exec{++last_exec_};
  exec_nodes_[exec] = id_of(node);
  execs[exec] = {};
  loop.record(Seq{}, Exec{id_of(node), {"/bin/sh", "-c", command}});
  driver.exec(exec, id_of(node), {"/bin/sh", "-c", command});
  return exec;
}

ExecId VirtualLab::open_console(const std::string& node, const std::vector<std::string>& argv) {
  const ExecId console{++last_exec_};
  exec_nodes_[console] = id_of(node);
  execs[console] = {};
  REQUIRE(driver.console(console, id_of(node), argv, 24, 80));
  return console;
}

ExecResult VirtualLab::exec(const std::string& node, const std::string& command, std::uint64_t longest_ns) {
  const ExecId exec = begin(node, command);
  run_until([&] { return execs[exec].done; }, longest_ns);
  return execs[exec];
}

std::string VirtualLab::digest() const {
  std::uint64_t hash = 14695981039346656037U;
  for (const auto& line : events.lines) {
    for (const char letter : line) hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211U;
  }
  return fmt::format("{} events, {} frames, {:016x}", events.lines.size(), events.frames, hash);
}

void VirtualLab::node_is_up(NodeId node) {
  state[node] = "up";
  apply(NodeStarted{node});
}

void VirtualLab::node_failed(NodeId node, const std::string& error) {
  state[node] = "failed: " + error;
  apply(NodeStopped{node, error});
}

void VirtualLab::node_is_down(NodeId node, bool, const std::string& why) {
  state[node] = "down: " + why;
  apply(NodeStopped{node, why});
}

void VirtualLab::port_changed(NodeId, PortId, const std::string&) {}

void VirtualLab::console_printed(ExecId console, std::string_view bytes) {
  execs[console].out += bytes;
  loop.record(Seq{}, Console{exec_nodes_[console], false, std::string(bytes)});
}

void VirtualLab::exec_printed(ExecId exec, Stream stream, std::string_view bytes) {
  ExecResult& result = execs[exec];
  (stream == Stream::stdout_stream ? result.out : result.err) += bytes;
  loop.record(Seq{}, ExecOutput{exec_nodes_[exec], stream, std::string(bytes)});
}

void VirtualLab::exec_ended(ExecId exec, std::int32_t status) {
  execs[exec].status = status;
  execs[exec].done = true;
  loop.record(Seq{}, ExecDone{exec_nodes_[exec], status});
}

}  // namespace labreel
