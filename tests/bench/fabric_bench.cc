// Frames a second through the fabric alone: 25 (or PORTS) ports on one switch, one core, every delivery taken. The
// seconds are of processor time, so that other work on the machine does not count. Usage: fabric_bench FRAMES [PORTS]
#include <cstdlib>
#include <string>

#include "tests/bench/bench_lab.h"

namespace labreel::bench {
namespace {

constexpr std::uint64_t kBatch = 64;

void measure(const char* what, std::uint32_t ports, const CableSettings& settings, const Mix& mix,
             std::uint64_t count) {
  Fabric fabric(42);
  for (const EventBody& effect : lan_effects(ports, settings)) {
    must(fabric.apply(effect, LabTime{}).ok(), "the fabric refuses the lan");
  }
  const auto frames = lan_frames(ports, mix);
  std::uint64_t at_ns = 0;
  std::uint64_t seq = 0;
  std::uint64_t taken_bytes = 0;
  const auto run = [&](std::uint64_t frames_to_send) {
    for (std::uint64_t i = 0; i < frames_to_send; ++i) {
      const auto& frame = frames[i % frames.size()];
      const PortId from{static_cast<std::uint32_t>(frame[11])};
      must(fabric.arrive(from, frame, LabTime{at_ns}, Seq{++seq}).ok(), "the fabric refuses a frame");
      if (i % kBatch == kBatch - 1) {
        at_ns += kBatch * 500;
        must(fabric.advance(LabTime{at_ns}).ok(), "time went back");
        fabric.drain([&](const Delivery& delivery) { taken_bytes += delivery.bytes.size(); });
      }
    }
  };
  run(100 * kBatch * 16);
  taken_bytes = 0;
  const Stopwatch watch = Stopwatch::begin();
  run(count);
  const double took_s = watch.elapsed().thread_s;
  must(taken_bytes > 0, "nothing was delivered");
  report(std::string("fabric.") + what + ".frames_per_s", mix.name, static_cast<double>(count) / took_s);
}

}  // namespace
}  // namespace labreel::bench

int main(int argc, char** argv) {
  using namespace labreel;
  using namespace labreel::bench;
  must(argc == 2 || argc == 3, "usage: fabric_bench FRAMES [PORTS]");
  const std::uint64_t count = std::strtoull(argv[1], nullptr, 10);
  const std::uint32_t ports = argc == 3 ? static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)) : 25;
  CableSettings impaired;
  impaired.delay_ns = 5'000'000;
  impaired.rate_bps = 10'000'000'000;
  impaired.queue_bytes = 1'000'000;
  impaired.loss_ppb = kCertain_ppb / 200;
  for (const Mix& mix : mixes()) measure("unimpaired", ports, {}, mix, count);
  for (const Mix& mix : mixes()) measure("impaired", ports, impaired, mix, count);
}
