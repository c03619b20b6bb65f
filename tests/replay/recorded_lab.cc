#include "tests/replay/recorded_lab.h"

#include <catch2/catch.hpp>

#include "engine/core/random.h"

namespace labreel::test {
namespace {

class LabRecorder {
 public:
  LabRecorder(EventSink& sink, std::uint64_t seed) : sink_(sink), fabric_(seed), seed_(seed) {}

  FabricCounts record(const std::vector<Step>& script) {
    apply(LabBegun{"random", "name: random\n", "random.yml", seed_, "real", kFabricVersion});
    sink_.note("begin-utc", R"({"utc":"2026-01-02T03:04:05.000000006Z"})");
    for (const Step& step : script) take(step);
    apply(LabEnded{"the script is done"});
    return fabric_.counts();
  }

 private:
  // As the loop does it: what came due leaves first, then the input is taken.
  void take(const Step& step) {
    at_ = LabTime{step.at_ns};
    REQUIRE(fabric_.advance(at_).ok());
    deliver();
    if (const auto* effect = std::get_if<EventBody>(&step.input)) {
      apply(*effect);
    } else if (const auto* frame = std::get_if<Step::FrameIn>(&step.input)) {
      const Bytes bytes = as_bytes(frame->bytes);
      const auto copies = fabric_.arrive(frame->port, bytes, at_, sink_.next_seq());
      REQUIRE(copies.ok());
      sink_.append_frame(at_, frame->port, bytes, *copies);
    } else {
      sink_.append(at_, {}, Marker{"between", ""});  // a note: the fabric does not see it
    }
    deliver();
    if (sink_.next_seq().value % 61 == 0) sink_.append(at_, {}, Checkpoint{fabric_.save()});
  }
  void apply(const EventBody& effect) {
    const auto outcomes = fabric_.apply(effect, at_);
    REQUIRE(outcomes.ok());
    const Seq seq = sink_.append(at_, {}, effect);
    for (const Outcome& outcome : *outcomes) sink_.append(at_, seq, outcome);
  }
  void deliver() {
    std::vector<Delivery> refused;
    fabric_.drain([&](const Delivery& delivery) {
      if (mix(mix(seed_) + delivery.frame.value + delivery.copy) % 8 == 0) refused.push_back(delivery);
    });
    for (const Delivery& delivery : refused) {
      const auto outcome = fabric_.refuse(delivery.frame, delivery.copy, at_);
      REQUIRE(outcome.ok());
      sink_.append(at_, delivery.frame, *outcome);
    }
  }

  EventSink& sink_;
  Fabric fabric_;
  std::uint64_t seed_;
  LabTime at_;
};

}  // namespace

FabricCounts record_random_lab(EventSink& sink, std::uint64_t seed, std::size_t steps, const ScriptLimits& limits) {
  return LabRecorder(sink, seed).record(random_script(seed, steps, limits));
}

}  // namespace labreel::test
