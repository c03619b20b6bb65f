#include "engine/core/fabric.h"
#include "engine/core/random.h"
#include "tests/engine/core/random_lab.h"
#include "tests/engine/core/test_lab.h"

namespace labreel {
namespace {

// A state in which everything that can be saved is there.
std::string busy_state() {
  Runner runner{Fabric(3)};
  std::string fullest;
  for (const Step& step : random_script(3, 400)) {
    runner.run(step);
    const FabricCounts counts = runner.fabric.counts();
    if (counts.in_flight > 3 && (fullest.empty() || counts.in_flight % 7 == 0)) fullest = runner.fabric.save();
  }
  REQUIRE_FALSE(fullest.empty());
  return fullest;
}

// Uses a fabric that came from hostile bytes; it must behave.
void exercise(Fabric& fabric) {
  const std::string frame = frame_between(1, 255);
  const LabTime at = kNever;
  for (std::uint32_t port = 0; port < 4; ++port) {
    static_cast<void>(fabric.arrive(PortId{port}, as_bytes(frame), at, Seq{kNever.ns}));
    static_cast<void>(fabric.apply(LinkDown{PortId{port}}, at));
  }
  std::size_t bytes = 0;
  fabric.drain([&](const Delivery& delivery) { bytes += delivery.bytes.size(); });
  static_cast<void>(fabric.queues(at));
  static_cast<void>(fabric.mac_entries(at));
  static_cast<void>(fabric.apply(LabEnded{}, at));
  REQUIRE(fabric.counts().in_flight == 0);
}

}  // namespace

TEST_CASE("a new fabric saves and restores", "[core]") {
  const Fabric fabric(7);
  const auto restored = Fabric::restore(fabric.save());
  REQUIRE(restored.ok());
  CHECK(restored->save() == fabric.save());
}

TEST_CASE("a node's settings are saved, and one without settings is saved as before there were any", "[core]") {
  const auto saved = [](const NodeAdded& node) {
    Fabric fabric(7);
    REQUIRE(fabric.apply(node, LabTime{}).ok());
    return fabric.save();
  };
  const NodeAdded plain{NodeId{0}, "h1", "uml", {{120, -80}}};
  NodeAdded with_settings = plain;
  with_settings.settings = {{"memory", "128MiB"}, {"image", std::string("\0\xff", 2)}};
  const std::string state = saved(with_settings);
  const auto restored = Fabric::restore(state);
  REQUIRE(restored.ok());
  CHECK(restored->topology().nodes()[0].added == with_settings);
  CHECK(restored->save() == state);
  // Two settings: a count, and four texts with their lengths.
  CHECK(state.size() == saved(plain).size() + 8 + 4 * 8 + 6 + 6 + 5 + 2);
}

TEST_CASE("undelivered frames are saved and given out after restoring", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a"), b = lab.host("b");
  lab.link(a, b, {.delay_ns = 50, .duplicate_ppb = kCertain_ppb, .corrupt_ppb = kCertain_ppb});
  lab.send(a, frame_between(1, 2));
  REQUIRE(lab.fabric.advance(LabTime{60}).ok());
  lab.at_ns = 60;
  lab.send(a, frame_between(1, 2));
  auto restored = Fabric::restore(lab.fabric.save());
  REQUIRE(restored.ok());
  TestLab twin;
  twin.fabric = *std::move(restored);
  CHECK(twin.take(60) == lab.take(60));
  CHECK(twin.fabric.save() == lab.fabric.save());
  CHECK(twin.take(200) == lab.take(200));
}

TEST_CASE("a delivery can be refused after restoring", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.link(a, lab.host("b"));
  lab.at_ns = 10;
  lab.send(a, frame_between(1, 2));
  lab.drain();
  auto restored = Fabric::restore(lab.fabric.save());
  REQUIRE(restored.ok());
  CHECK(restored->refuse(Seq{1}, 0, LabTime{10}).ok());
  CHECK_FALSE(restored->refuse(Seq{1}, 0, LabTime{10}).ok());
}

TEST_CASE("a state cut short at any byte, or with bytes behind it, is refused", "[core][hostile]") {
  const std::string state = busy_state();
  for (std::size_t length = 0; length < state.size(); ++length) {
    INFO("length " << length);
    REQUIRE_FALSE(Fabric::restore(std::string_view(state).substr(0, length)).ok());
  }
  CHECK_FALSE(Fabric::restore(state + '\0').ok());
  CHECK(Fabric::restore(state).ok());
}

TEST_CASE("a damaged state is refused, or is a state that saves as the same bytes", "[core][hostile]") {
  const std::string state = busy_state();
  std::uint64_t refused = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    std::string damaged = state;
    const std::uint64_t changes = 1 + below(mix(3 * round), 3);
    for (std::uint64_t change = 0; change < changes; ++change) {
      const std::uint64_t random = mix(round * 64 + change);
      char& byte = damaged[below(random, damaged.size())];
      byte = static_cast<char>(random % 3 == 0 ? 0xff : byte ^ (1 << (random >> 8U & 7U)));
    }
    INFO("round " << round);
    auto restored = Fabric::restore(damaged);
    if (!restored) {
      ++refused;
      continue;
    }
    REQUIRE(restored->save() == damaged);
    exercise(*restored);
  }
  CHECK(refused > 100);
}

TEST_CASE("a state that promises more than it holds takes no memory for it", "[core][hostile]") {
  std::string state = Fabric(1).save();
  // The counts of nodes, ports, links and lans stand after the fixed part of 53 bytes.
  for (std::size_t place = 53; place < 53 + 4 * 8; place += 8) {
    std::string damaged = state;
    damaged.replace(place, 8, std::string(7, '\xff') + '\x7f');
    CHECK_FALSE(Fabric::restore(damaged).ok());
  }
}

TEST_CASE("a state of another fabric version is named as such", "[core]") {
  std::string state = Fabric(1).save();
  state[8] = 99;
  const auto restored = Fabric::restore(state);
  REQUIRE_FALSE(restored.ok());
  CHECK(restored.error().what.find("version 99") != std::string::npos);
}

}  // namespace labreel
