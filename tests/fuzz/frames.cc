// Fuzz target: any frames, of any length and from any port, go through a lab with a lossy link and a lan; every copy
// has exactly one end, and the same frames give the same decisions.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "engine/core/check.h"
#include "engine/core/fabric.h"

namespace labreel {
namespace {

constexpr std::uint32_t kPorts = 5;  // two on a link, three on a lan

Fabric make_lab() {
  Fabric fabric{7};
  const auto must = [&fabric](const EventBody& effect) { LABREEL_CHECK(fabric.apply(effect, LabTime{0}).ok()); };
  must(NodeAdded{NodeId{0}, "n", "namespace", std::nullopt});
  for (std::uint32_t i = 0; i < kPorts; ++i) {
    must(PortAdded{PortId{i}, NodeId{0}, "eth" + std::to_string(i), MacAddress{}, 1500});
  }
  CableSettings worn;
  worn.delay_ns = 1000;
  worn.jitter_ns = 500;
  worn.rate_bps = 100'000'000;
  worn.queue_bytes = 4096;
  worn.loss_ppb = worn.duplicate_ppb = worn.corrupt_ppb = worn.reorder_ppb = 100'000'000;
  LinkAdded link;
  link.link = LinkId{0};
  link.ports = {PortId{0}, PortId{1}};
  link.out = {worn, worn};
  must(link);
  LanAdded lan;
  lan.lan = LanId{0};
  lan.name = "lan";
  lan.mac_limit = 4;
  must(lan);
  for (std::uint32_t i = 2; i < kPorts; ++i) must(LanJoined{LanId{0}, PortId{i}, worn, {}});
  must(NodeStarting{NodeId{0}});
  must(NodeStarted{NodeId{0}});
  return fabric;
}

// Each frame is three bytes (port and time, length, factor) and its own bytes.
std::string play(std::span<const std::uint8_t> script) {
  Fabric fabric = make_lab();
  std::set<std::pair<std::uint64_t, std::uint32_t>> flying;
  const auto take = [&] {
    fabric.drain([&](const Delivery& delivery) {
      LABREEL_CHECK(flying.erase({delivery.frame.value, delivery.copy}) == 1);
    });
  };
  std::uint64_t time_ns = 1;
  std::uint64_t seq = 100;
  while (script.size() >= 3) {
    const PortId port{script[0] % kPorts};
    time_ns += std::uint64_t{script[0]} * 16U;
    const std::size_t wanted = std::size_t{script[1]} * (script[2] % 8U == 7U ? 256U : 1U);
    const auto bytes = script.subspan(3, std::min(wanted, script.size() - 3));
    script = script.subspan(3 + bytes.size());
    const auto copies = fabric.arrive(port, std::as_bytes(bytes), LabTime{time_ns}, Seq{++seq});
    LABREEL_CHECK(copies.ok() && !copies->empty());
    for (std::uint32_t i = 0; i < copies->size(); ++i) {
      if ((*copies)[i].reason == Reason::none) LABREEL_CHECK(flying.insert({seq, i}).second);
    }
    take();
  }
  const auto ended = fabric.apply(LabEnded{"fuzzed"}, LabTime{time_ns});
  LABREEL_CHECK(ended.ok());
  take();
  for (const Outcome& outcome : *ended) LABREEL_CHECK(flying.erase({outcome.frame.value, outcome.copy}) == 1);
  LABREEL_CHECK(flying.empty());
  return fabric.save();
}

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span script{data, size};
  LABREEL_CHECK(labreel::play(script) == labreel::play(script));
  return 0;
}
