// What must hold for every lab: tried on many random ones. A failure names the seed.
#include <map>

#include "engine/core/arithmetic.h"
#include "engine/core/random.h"
#include "tests/engine/core/random_lab.h"
#include "tests/engine/core/test_lab.h"

namespace labreel {
namespace {

constexpr std::uint64_t kSeeds = 60;
constexpr std::size_t kSteps = 600;
constexpr std::uint64_t kStepsBetweenSaves = 4;  // a whole state is long: it is compared this often, decisions always

}  // namespace

TEST_CASE("every copy has exactly one fate at every step of a random lab", "[core][property]") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    INFO("seed " << seed);
    Runner runner{Fabric(seed)};
    const auto script = random_script(seed, kSteps);
    for (const Step& step : script) {
      runner.run(step);
      runner.check_conservation();
    }
    REQUIRE(runner.fabric.apply(LabEnded{}, LabTime{script.back().at_ns}).ok());
    runner.check_conservation();
    REQUIRE(runner.fabric.counts().in_flight == 0);
    REQUIRE(runner.fabric.counts().frames == runner.seq);
  }
}

TEST_CASE("random labs reach every reason and every flag", "[core][property]") {
  FabricCounts total;
  std::uint64_t flags = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Runner runner{Fabric(seed)};
    for (const Step& step : random_script(seed, kSteps)) {
      runner.run(step);
      if (const auto* frame = std::get_if<Step::FrameIn>(&step.input); frame != nullptr) {
        const auto at = runner.log.rfind("copy ");
        unsigned long ignored = 0, copy_flags = 0;
        REQUIRE(std::sscanf(runner.log.c_str() + at, "copy %lu %lu %lu %lu", &ignored, &ignored, &ignored,
                            &copy_flags) == 4);
        flags |= copy_flags;
      }
    }
    static_cast<void>(runner.fabric.apply(LabEnded{}, LabTime{kNever}));
    const FabricCounts counts = runner.fabric.counts();
    for (std::size_t i = 0; i < kReasonCount; ++i) total.dropped[i] += counts.dropped[i];
    total.delivered += counts.delivered;
  }
  CHECK((flags & 7U) == (kDuplicated | kCorrupted | kReordered));
  CHECK(total.delivered > 0);
  for (std::size_t i = 1; i < kReasonCount; ++i) {
    INFO(name_of(static_cast<Reason>(i)));
    if (static_cast<Reason>(i) != Reason::lab_ended && static_cast<Reason>(i) != Reason::mtu)
      CHECK(total.dropped[i] > 0);
  }
}

TEST_CASE("the same inputs give the same decisions, however often time is advanced", "[core][property]") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    INFO("seed " << seed);
    Runner plain{Fabric(seed)};
    Runner restless{Fabric(seed)};
    std::uint64_t at_ns = 0;
    std::uint64_t step_number = 0;
    for (const Step& step : random_script(seed, kSteps)) {
      for (std::uint64_t i = 1; i <= 3; ++i) {
        const LabTime between{at_ns + (step.at_ns - at_ns) * i / 3};
        REQUIRE(restless.fabric.advance(between).ok());
      }
      at_ns = step.at_ns;
      plain.run(step);
      restless.run(step);
      REQUIRE(plain.log == restless.log);
      if (++step_number % kStepsBetweenSaves == 0) REQUIRE(plain.fabric.save() == restless.fabric.save());
      plain.log.clear();
      restless.log.clear();
    }
  }
}

TEST_CASE("another seed makes other draws", "[core][property]") {
  Runner one{Fabric(1)};
  Runner two{Fabric(2)};
  for (const Step& step : random_script(7, kSteps)) {
    one.run(step);
    two.run(step);
  }
  CHECK(one.log != two.log);
}

TEST_CASE("a fabric saved and restored at any step goes on the same", "[core][property]") {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    INFO("seed " << seed);
    Runner runner{Fabric(seed)};
    Runner twin{Fabric(seed)};
    std::uint64_t step_number = 0;
    for (const Step& step : random_script(seed, kSteps)) {
      if (below(mix(seed * 1'000'003 + step_number++), 5) == 0) {
        const std::string saved = twin.fabric.save();
        auto restored = Fabric::restore(saved);
        INFO((restored ? "" : restored.error().what));
        REQUIRE(restored.ok());
        REQUIRE(restored->save() == saved);
        REQUIRE(restored->counts() == twin.fabric.counts());
        twin.fabric = *std::move(restored);
      }
      runner.run(step);
      twin.run(step);
      REQUIRE(runner.log == twin.log);
      if (step_number % kStepsBetweenSaves == 0) REQUIRE(runner.fabric.save() == twin.fabric.save());
      runner.log.clear();
      twin.log.clear();
    }
  }
}

TEST_CASE("no sender's frames reach a receiver out of order where no reordering is asked for", "[core][property]") {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    INFO("seed " << seed);
    Runner runner{Fabric(seed)};
    std::map<std::uint64_t, PortId> senders;
    std::map<std::pair<PortId, PortId>, std::uint64_t> last_frame;
    runner.on_delivery = [&](const Delivery& delivery) {
      std::uint64_t& last = last_frame[{senders.at(delivery.frame.value), delivery.port}];
      REQUIRE(delivery.frame.value >= last);
      last = delivery.frame.value;
      ++compared;
    };
    for (const Step& step : random_script(seed, kSteps, {.reorder = false})) {
      if (const auto* frame = std::get_if<Step::FrameIn>(&step.input)) senders[runner.seq + 1] = frame->port;
      runner.run(step);
    }
  }
  CHECK(compared > 1'000);
}

TEST_CASE("no window of time carries more than the rate, on links and into a lan's ports", "[core][property]") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    std::uint64_t state = mix(seed);
    const auto number = [&](std::uint64_t bound) { return below(mix(state++), bound); };
    const std::uint64_t rate_bps = 1'000'000 + number(100'000'000);
    const CableSettings limited{.delay_ns = number(1'000'000),
                                .rate_bps = rate_bps,
                                .queue_bytes = number(40'000),
                                .duplicate_ppb = static_cast<std::uint32_t>(number(kCertain_ppb / 2)),
                                .reorder_ppb = 0};
    TestLab lab(seed);
    std::vector<PortId> ports;
    for (int i = 0; i < 5; ++i) ports.push_back(lab.host("h" + std::to_string(i)));
    const bool on_lan = seed % 2 == 0;
    if (on_lan) {
      lab.lan("office", ports);
      for (const PortId port : ports)
        lab.set(port, {.delay_ns = number(3'000'000), .jitter_ns = number(900'000), .reorder_ppb = kCertain_ppb / 10});
      lab.set(ports[0], limited, Direction::in);
      lab.send(ports[0], frame_between(0, 255));
    } else {
      lab.link(ports[1], ports[0], limited, {});
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> arrivals;  // due, bytes
    for (int i = 0; i < 400; ++i) {
      lab.at_ns += number(300'000);
      const std::size_t length = 14 + number(1'500);
      for (const Copy& copy : lab.send(ports[on_lan ? 1 + number(4) : 1], frame_between(9, 0, length))) {
        if (copy.scheduled() && copy.port == ports[0]) arrivals.emplace_back(copy.due.ns, length);
      }
    }
    std::sort(arrivals.begin(), arrivals.end());
    REQUIRE(arrivals.size() > 20);
    // Whatever came out in (first, last] was serialised in that time, the first frame excepted.
    for (std::size_t first = 0; first < arrivals.size(); ++first) {
      std::uint64_t bytes = 0;
      for (std::size_t last = first + 1; last < arrivals.size(); ++last) {
        bytes += arrivals[last].second;
        const Wide passed = static_cast<Wide>(arrivals[last].first - arrivals[first].first) * rate_bps;
        REQUIRE(static_cast<Wide>(bytes) * kBitNanosecondsPerByte <= passed);
      }
    }
  }
}

}  // namespace labreel
