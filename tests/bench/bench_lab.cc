#include "tests/bench/bench_lab.h"

#include <cstdio>
#include <cstdlib>

#include "engine/core/random.h"

namespace labreel::bench {

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "bench: %s\n", what);
  std::exit(1);
}

const Mix& mix_named(const std::string& name) {
  for (const Mix& mix : mixes()) {
    if (mix.name == name) return mix;
  }
  must(false, "a mix is 64, IMIX or 1500");
  std::abort();
}

std::vector<EventBody> lan_effects(std::uint32_t ports, const CableSettings& settings) {
  std::vector<EventBody> effects{LanAdded{.lan = LanId{0}, .name = "office"}};
  for (std::uint32_t i = 0; i < ports; ++i) {
    const std::string name = "h" + std::to_string(i);
    effects.emplace_back(NodeAdded{.node = NodeId{i}, .name = name, .node_kind = "namespace", .position = {}});
    effects.emplace_back(NodeStarted{NodeId{i}});
    effects.emplace_back(PortAdded{.port = PortId{i}, .node = NodeId{i}, .name = "eth0"});
    effects.emplace_back(LanJoined{LanId{0}, PortId{i}, settings, settings});
  }
  return effects;
}

std::vector<std::vector<std::byte>> lan_frames(std::uint32_t ports, const Mix& of_lengths) {
  std::vector<std::vector<std::byte>> frames;
  for (std::uint64_t i = 0; i < 1'024; ++i) {
    const std::uint64_t from = i < ports ? i : below(mix(i), ports);
    const std::uint64_t to = (from + 1 + below(mix(i + 9'999), ports - 1)) % ports;
    std::vector<std::byte> frame(of_lengths.lengths[i % of_lengths.lengths.size()], std::byte{0x5a});
    for (std::size_t byte = 0; byte < 12; ++byte) frame[byte] = std::byte{0};
    frame[0] = frame[6] = std::byte{2};
    frame[5] = static_cast<std::byte>(to);
    frame[11] = static_cast<std::byte>(from);
    frames.push_back(std::move(frame));
  }
  return frames;
}

Stopwatch Stopwatch::begin() {
  return {read_clock_s(CLOCK_MONOTONIC), read_clock_s(CLOCK_THREAD_CPUTIME_ID), read_clock_s(CLOCK_PROCESS_CPUTIME_ID)};
}

Stopwatch Stopwatch::elapsed() const {
  const Stopwatch now = begin();
  return {now.wall_s - wall_s, now.thread_s - thread_s, now.process_s - process_s};
}

void report(const std::string& what, const std::string& mix, double value) {
  std::printf("%s\t%s\t%.6g\n", what.c_str(), mix.c_str(), value);
  std::fflush(stdout);
}

}  // namespace labreel::bench
