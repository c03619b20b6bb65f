#include "tests/engine/nodes/node_bench.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace labreel {
namespace {

void drain(const OwnedFd& pipe, std::string& text) {
  std::array<char, 65'536> buffer;
  for (;;) {
    const auto got = ::read(pipe.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

void NodeBench::start(const NodeSpec& spec) {
  spawner.start(spec);
  wait_up(spec.node);
}

void NodeBench::wait_up(NodeId node) {
  const bool answered =
      serve_until([&] { return up.contains(node) || failed.contains(node); }, std::chrono::seconds(60));
  if (!answered) throw std::runtime_error("no answer to start");
  if (failed.contains(node)) throw std::runtime_error(failed.at(node));
}

NodeDown NodeBench::stop(NodeId node) {
  spawner.stop(node);
  if (!serve_until([&] { return down.contains(node); }, std::chrono::seconds(20))) {
    throw std::runtime_error("the node did not stop");
  }
  return down.at(node);
}

ExecId NodeBench::begin(NodeId node, const std::vector<std::string>& argv) {
  const ExecId exec{next_exec_++};
  execs_[exec].streams = spawner.exec(exec, node, argv);
  return exec;
}

ExecId NodeBench::begin_console(NodeId node, const std::vector<std::string>& argv) {
  const ExecId exec{next_exec_++};
  execs_[exec];
  spawner.console(exec, node, argv, 30, 101);
  return exec;
}

Finished NodeBench::finish(ExecId exec, std::chrono::seconds patience) {
  if (!serve_until([&] { return execs_.at(exec).ended; }, patience)) throw std::runtime_error("the exec did not end");
  Finished result = std::move(execs_.at(exec).result);
  execs_.erase(exec);
  return result;
}

Finished NodeBench::run(NodeId node, const std::vector<std::string>& argv) { return finish(begin(node, argv)); }

void NodeBench::patch(PortId a, PortId b) {
  patches_[a] = b;
  patches_[b] = a;
}

void NodeBench::forward(PortId from, PortId to) {
  std::size_t reads = 0, sends = 0;
  const auto frames = read_frames(*ports.at(from), &reads);
  if (!ports.contains(to)) return;
  // What the port does not take is lost, as on a wire.
  const std::vector<Bytes> train(frames.begin(), frames.end());
  for (std::span<const Bytes> left = train; !left.empty(); ++sends) left = left.subspan(ports.at(to)->send_together(left).frames);
  if (on_train) on_train(train, reads, sends);
}

void NodeBench::take(SpawnerEvent event) {
  if (auto* node_up = std::get_if<NodeUp>(&event)) {
    up[node_up->node] = true;
    auto counters = std::make_shared<RouteSocket>(std::move(node_up->counters));
    counters_[node_up->node] = counters;
    for (auto& [port, tap] : node_up->ports) ports[port] = make_node_port(std::move(tap), counters);
  } else if (auto* node_failed = std::get_if<NodeFailed>(&event)) {
    failed[node_failed->node] = node_failed->error;
  } else if (auto* node_down = std::get_if<NodeDown>(&event)) {
    down[node_down->node] = *node_down;
  } else if (const auto* node_frozen = std::get_if<NodeFrozen>(&event)) {
    frozen.insert(node_frozen->node);
  } else if (const auto* quiet = std::get_if<NodeQuiet>(&event)) {
    if (on_quiet) on_quiet(quiet->node);
    spawner.leave(quiet->node);
  } else if (auto* ended = std::get_if<ExecEnded>(&event)) {
    auto& exec = execs_.at(ended->exec);
    exec.ended = true;
    exec.result.status = ended->status;
    drain(exec.streams.stdout_fd, exec.result.out);
    drain(exec.streams.stderr_fd, exec.result.err);
  } else if (auto* opened = std::get_if<ConsoleOpened>(&event)) {
    consoles[opened->exec] = std::move(opened->terminal);
  } else if (auto* changed = std::get_if<PortChanged>(&event)) {
    port_errors[changed->port] = changed->error;
    if (changed->fd.is_open()) {
      ports[changed->port] = make_node_port(std::move(changed->fd), counters_.at(changed->node));
    }
  }
}

void NodeBench::turn(int wait_ms) {
  std::vector<pollfd> waits{{spawner.fd(), POLLIN, 0}};
  for (const auto& [from, to] : patches_) {
    if (ports.contains(from)) waits.push_back({port(from).fd(), POLLIN, 0});
  }
  for (const auto& [id, exec] : execs_) {
    if (!exec.ended) waits.push_back({exec.streams.stdout_fd.get(), POLLIN, 0});
  }
  ::poll(waits.data(), waits.size(), wait_ms);
  while (auto event = spawner.receive()) take(std::move(*event));
  for (const auto& [from, to] : patches_) {
    if (ports.contains(from)) forward(from, to);
  }
  for (auto& [id, exec] : execs_) {
    drain(exec.streams.stdout_fd, exec.result.out);
    drain(exec.streams.stderr_fd, exec.result.err);
  }
}

bool NodeBench::serve_until(const std::function<bool()>& done, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    turn(20);
  }
  return true;
}

void NodeBench::serve_for(std::chrono::milliseconds duration) {
  serve_until([] { return false; }, duration);
}

std::vector<std::vector<std::byte>> read_frames(Transport& port, std::size_t* reads) {
  std::vector<std::vector<std::byte>> frames;
  Arrival arrival;
  while (port.receive(arrival) == Transport::Received::frame) {
    if (reads != nullptr) ++*reads;
    for (Bytes frame; arrival.next(frame);) frames.emplace_back(frame.begin(), frame.end());
  }
  return frames;
}

NodeSpec node_spec(std::uint32_t number, const std::vector<std::vector<std::string>>& addresses_by_port) {
  NodeSpec spec{NodeId{number}, "n" + std::to_string(number), "namespace", {}, {}};
  std::uint8_t at = 0;
  for (const auto& addresses : addresses_by_port) {
    ++at;
    const MacAddress mac{2, 0, 0, 0, static_cast<std::uint8_t>(number), at};
    spec.interfaces.push_back({PortId{10 * number + at}, "eth" + std::to_string(at), mac, 1500, addresses});
  }
  return spec;
}

}  // namespace labreel
