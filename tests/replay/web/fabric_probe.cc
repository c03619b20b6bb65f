#include "tests/replay/web/fabric_probe.h"

#include <algorithm>
#include <span>
#include <string>

#include "tests/bench/bench_lab.h"

namespace labreel::test {
namespace {

// FNV-1a, over words rather than bytes.
class Hash {
 public:
  void mix(std::uint64_t value) { state_ = (state_ ^ value) * 1'099'511'628'211ULL; }
  void mix(Bytes bytes) {
    for (const std::byte byte : bytes) mix(static_cast<std::uint64_t>(byte));
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 14'695'981'039'346'656'037ULL;
};

constexpr std::uint32_t kPorts = 25;
constexpr std::uint32_t kFramesAtOnce = 64;
constexpr std::uint64_t kBetweenFrames_ns = 500;

}  // namespace

std::uint64_t decisions_hash(std::uint32_t frames) {
  CableSettings cable;
  cable.delay_ns = 5'000'000;
  cable.jitter_ns = 700'000;
  cable.rate_bps = 10'000'000'000;
  cable.queue_bytes = 1'000'000;
  cable.loss_ppb = kCertain_ppb / 200;
  cable.duplicate_ppb = kCertain_ppb / 300;
  cable.corrupt_ppb = kCertain_ppb / 250;
  cable.reorder_ppb = kCertain_ppb / 100;
  Fabric fabric{42};
  for (const EventBody& effect : bench::lan_effects(kPorts, cable)) bench::must(fabric.apply(effect, LabTime{}).ok(), "apply");
  const auto sent = bench::lan_frames(kPorts, bench::mixes()[1]);
  Hash hash;
  LabTime at;
  for (std::uint32_t i = 0; i < frames; ++i) {
    const auto& frame = sent[i % sent.size()];
    const auto copies = fabric.arrive(PortId{static_cast<std::uint32_t>(frame[11])}, frame, at, Seq{i + 1});
    bench::must(copies.ok(), "arrive");
    for (const Copy& copy : *copies) {
      hash.mix(index_of(copy.port));
      hash.mix(static_cast<std::uint64_t>(copy.reason));
      hash.mix(copy.flags);
      hash.mix(copy.corrupt_byte);
      hash.mix(copy.due.ns);
    }
    if (i % kFramesAtOnce != kFramesAtOnce - 1) continue;
    at = at + kFramesAtOnce * kBetweenFrames_ns;
    bench::must(fabric.advance(at).ok(), "advance");
    fabric.drain([&](const Delivery& delivery) {
      hash.mix(delivery.bytes.size());
      hash.mix(delivery.bytes.first(std::min<std::size_t>(delivery.bytes.size(), kFramesAtOnce)));
    });
  }
  const std::string state = fabric.save();
  hash.mix(std::as_bytes(std::span{state}));
  return hash.value();
}

}  // namespace labreel::test
