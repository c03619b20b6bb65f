// Frames a second through the fabric alone: 25 ports on one switch, one core, every delivery taken. The seconds are of
// processor time, so that other work on the machine does not count.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "engine/core/fabric.h"
#include "engine/core/random.h"

namespace labreel {
namespace {

constexpr std::uint32_t kPorts = 25;
constexpr std::uint64_t kBatch = 64;
constexpr std::uint64_t kFrames = 4'000'000;

struct Mix {
  const char* name;
  std::vector<std::size_t> lengths;
};

void must(bool ok) {
  if (!ok) std::abort();
}

Fabric make_lab(const CableSettings& settings) {
  Fabric fabric(42);
  must(fabric.apply(LanAdded{.lan = LanId{0}, .name = "office"}, LabTime{}).ok());
  for (std::uint32_t i = 0; i < kPorts; ++i) {
    const NodeAdded node{.node = NodeId{i}, .name = "h" + std::to_string(i), .node_kind = "namespace", .position = {}};
    must(fabric.apply(node, LabTime{}).ok());
    must(fabric.apply(NodeStarted{NodeId{i}}, LabTime{}).ok());
    must(fabric.apply(PortAdded{.port = PortId{i}, .node = NodeId{i}, .name = "eth0"}, LabTime{}).ok());
    must(fabric.apply(LanJoined{LanId{0}, PortId{i}, settings, settings}, LabTime{}).ok());
  }
  return fabric;
}

// Unicast between random pairs; every address is known before the clock starts.
std::vector<std::vector<std::byte>> make_frames(const Mix& mix_of_lengths) {
  std::vector<std::vector<std::byte>> frames;
  for (std::uint64_t i = 0; i < 1'024; ++i) {
    const std::uint64_t from = i < kPorts ? i : below(mix(i), kPorts);
    const std::uint64_t to = (from + 1 + below(mix(i + 9'999), kPorts - 1)) % kPorts;
    std::vector<std::byte> frame(mix_of_lengths.lengths[i % mix_of_lengths.lengths.size()], std::byte{0x5a});
    for (std::size_t byte = 0; byte < 12; ++byte) frame[byte] = std::byte{0};
    frame[0] = frame[6] = std::byte{2};
    frame[5] = static_cast<std::byte>(to);
    frame[11] = static_cast<std::byte>(from);
    frames.push_back(std::move(frame));
  }
  return frames;
}

void measure(const char* what, const CableSettings& settings, const Mix& mix_of_lengths) {
  Fabric fabric = make_lab(settings);
  const auto frames = make_frames(mix_of_lengths);
  std::uint64_t at_ns = 0;
  std::uint64_t seq = 0;
  std::uint64_t taken_bytes = 0;
  const auto run = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto& frame = frames[i % frames.size()];
      must(fabric.arrive(PortId{static_cast<std::uint32_t>(frame[11])}, frame, LabTime{at_ns}, Seq{++seq}).ok());
      if (i % kBatch == kBatch - 1) {
        at_ns += kBatch * 500;
        must(fabric.advance(LabTime{at_ns}).ok());
        fabric.drain([&](const Delivery& delivery) { taken_bytes += delivery.bytes.size(); });
      }
    }
  };
  run(100 * kBatch * 16);
  taken_bytes = 0;
  const std::clock_t begin = std::clock();
  run(kFrames);
  const double took_s = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const FabricCounts counts = fabric.counts();
  std::printf("%-10s %-5s %6.2f M frames/s  %7.2f Gbit/s taken  (%.1f%% of copies dropped, %llu in flight)\n", what,
              mix_of_lengths.name, static_cast<double>(kFrames) / took_s / 1e6,
              static_cast<double>(taken_bytes) * 8 / took_s / 1e9,
              100.0 * static_cast<double>(counts.copies - counts.delivered - counts.in_flight) /
                  static_cast<double>(counts.copies),
              static_cast<unsigned long long>(counts.in_flight));
}

}  // namespace
}  // namespace labreel

int main() {
  using namespace labreel;
  const std::vector<Mix> mixes{{"64", {64}},
                               {"IMIX", {64, 64, 64, 64, 64, 64, 64, 594, 594, 594, 594, 1'518}},
                               {"1500", {1'514}}};
  CableSettings impaired;
  impaired.delay_ns = 5'000'000;
  impaired.rate_bps = 10'000'000'000;
  impaired.queue_bytes = 1'000'000;
  impaired.loss_ppb = kCertain_ppb / 200;
  for (const Mix& mix_of_lengths : mixes) measure("unimpaired", {}, mix_of_lengths);
  for (const Mix& mix_of_lengths : mixes) measure("impaired", impaired, mix_of_lengths);
}
