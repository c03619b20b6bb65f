// Counts every allocation of the program, to show that the fabric makes none for a frame.
#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/core/random.h"
#include "tests/engine/core/test_lab.h"

namespace {
constexpr std::size_t kJumbo_bytes = 9'000;
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> jumbo_allocations{0};  // of those, what could hold a jumbo frame

void* allocate(std::size_t size) {
  ++allocations;
  if (size >= kJumbo_bytes) ++jumbo_allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return ++allocations, std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return ++allocations, std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace labreel {
namespace {

constexpr std::uint32_t kPorts = 25;

// Sends frames of three sizes between random ports, taking what comes due every 64; returns the allocations.
std::uint64_t allocations_for(Fabric& fabric, std::uint64_t frames, std::uint64_t& at_ns, std::uint64_t& seq) {
  std::vector<std::string> pattern;
  for (std::uint64_t i = 0; i < 1024; ++i) {
    const auto from = static_cast<unsigned>(below(mix(i), kPorts));
    const auto to = i % 16 == 0 ? 255U : static_cast<unsigned>(below(mix(i + 5'000), kPorts));
    pattern.push_back(frame_between(from, to, i % 3 == 0 ? 64 : i % 3 == 1 ? 600 : 1'514));
  }
  std::uint64_t delivered = 0;
  const std::uint64_t before = allocations;
  for (std::uint64_t i = 0; i < frames; ++i) {
    const std::string& frame = pattern[i % pattern.size()];
    const PortId port{static_cast<std::uint32_t>(frame[11])};
    if (!fabric.arrive(port, as_bytes(frame), LabTime{at_ns}, Seq{++seq})) return ~0ULL;
    if (i % 64 == 63) {
      at_ns += 64'000;
      fabric.drain([&](const Delivery&) { ++delivered; });
    }
  }
  const std::uint64_t made = allocations - before;
  CHECK(delivered > frames / 2);
  return made;
}

}  // namespace

TEST_CASE("the fabric allocates nothing for a frame in the steady state", "[core]") {
  const bool impaired = GENERATE(false, true);
  CAPTURE(impaired);
  TestLab lab;
  std::vector<PortId> ports;
  for (std::uint32_t i = 0; i < kPorts; ++i) ports.push_back(lab.host("h" + std::to_string(i)));
  lab.lan("office", ports);
  if (impaired) {
    for (const PortId port : ports) {
      const CableSettings settings{.delay_ns = 500'000,
                                   .jitter_ns = 100'000,
                                   .rate_bps = 1'000'000'000,
                                   .loss_ppb = 10'000'000,
                                   .duplicate_ppb = 10'000'000,
                                   .corrupt_ppb = 10'000'000};
      lab.set(port, settings, Direction::out);
      lab.set(port, settings, Direction::in);
    }
  }
  std::uint64_t at_ns = 0;
  std::uint64_t seq = 0;
  static_cast<void>(allocations_for(lab.fabric, 512'000, at_ns, seq));
  // A buffer may still grow when chance fills it higher than ever before; an allocation a frame would never reach 0.
  std::uint64_t made = 1;
  for (int round = 0; round < 5 && made != 0; ++round) made = allocations_for(lab.fabric, 100'000, at_ns, seq);
  CHECK(made == 0);
  CHECK(allocations > 0);
}

TEST_CASE("a frame is held once however many copies of it fly", "[core]") {
  TestLab lab;
  std::vector<PortId> ports;
  for (std::uint32_t i = 0; i < kPorts; ++i) ports.push_back(lab.host("h" + std::to_string(i)));
  lab.lan("office", ports);
  for (const PortId port : ports) lab.set(port, {.delay_ns = kSecond_ns}, Direction::in);
  const std::size_t empty = lab.fabric.save().size();
  CHECK(lab.send(ports[0], frame_between(0, 255, kJumbo_bytes)).size() == kPorts - 1);
  CHECK(lab.fabric.save().size() < empty + 2 * kJumbo_bytes);
}

TEST_CASE("a restored frame's room is used again when its last copy is gone, and not before", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.link(a, lab.host("b"), {.delay_ns = 10, .duplicate_ppb = kCertain_ppb});
  const std::string first = frame_between(1, 2, kJumbo_bytes), second = frame_between(3, 4, kJumbo_bytes);
  lab.send(a, first);
  TestLab twin;
  {
    auto restored = Fabric::restore(lab.fabric.save());
    REQUIRE(restored.ok());
    twin.fabric = *std::move(restored);
  }
  twin.seq = lab.seq;
  for (const Taken& taken : twin.take(10)) CHECK(taken.bytes == first);
  const std::uint64_t before = jumbo_allocations;
  twin.send(a, second);
  CHECK(jumbo_allocations == before);
  twin.send(a, second);
  CHECK(jumbo_allocations == before + 1);
}

}  // namespace labreel
