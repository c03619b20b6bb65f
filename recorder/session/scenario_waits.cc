#include "recorder/session/scenario_waits.h"

#include <fmt/format.h>

#include "engine/core/arithmetic.h"
#include "engine/core/units.h"
#include "engine/core/wire_words.h"
#include "recorder/session/condition.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPoll_ns = 500'000'000;  // ARCHITECTURE.md: a wait looks every 500 ms
constexpr const char* kOutputHint =
    "what the command printed each time is in the reel: labreel events --kind exec.output";

class Waiting : public std::enable_shared_from_this<Waiting> {
 public:
  Waiting(ScenarioStage& stage, const WaitStep& wait, const StepRun& run)
      : stage_(stage), wait_(wait), run_(run), probe_(std::make_shared<ConditionProbe>(stage, wait.condition)) {}

  void begin() {
    stage_.at(add_time(run_.began, wait_.timeout_ns), [self = shared_from_this()] { self->time_out(); });
    look();
  }

 private:
  void look() {
    if (over_) return;
    const LabTime next_look = stage_.now() + kPoll_ns;
    looking_ = true;
    probe_->look(run_.begun, [self = shared_from_this(), next_look](const Sighting& sighting) {
      self->looking_ = false;
      self->last_ = sighting;
      if (self->over_) return;
      if (sighting.holds) return self->hold();
      self->stage_.at(next_look, [self] { self->look(); });
    });
  }

  void hold() {
    over_ = true;
    const std::string held = std::string(kHoldsAfter) + seconds_text(stage_.now().ns - run_.began.ns);
    stage_.tell(run_.begun, run_.step.number, StepStateKind::flipped, held + run_.round);
    stage_.narrate("      " + held);
    run_.done(ok_status());
  }

  void time_out() {
    if (over_) return;
    over_ = true;
    const bool hangs = looking_ && !last_.ran;
    run_.done(lab_error(fmt::format("the wait on {} did not hold within {}: `{}`: {}", wait_.condition.node,
                                    format_duration(wait_.timeout_ns), wait_.condition.run,
                                    hangs ? "it has not ended" : probe_->describe(last_)),
                        kOutputHint));
  }

  ScenarioStage& stage_;
  const WaitStep& wait_;
  const StepRun run_;
  std::shared_ptr<ConditionProbe> probe_;
  Sighting last_;
  bool looking_ = false;
  bool over_ = false;
};

}  // namespace

void play_wait(ScenarioStage& stage, const WaitStep& wait, const StepRun& run) {
  std::make_shared<Waiting>(stage, wait, run)->begin();
}

void play_expect(ScenarioStage& stage, const ExpectStep& expect, const StepRun& run) {
  const auto probe = std::make_shared<ConditionProbe>(stage, expect.condition);
  probe->look(run.begun, [&stage, &expect, run, probe](const Sighting& sighting) {
    if (sighting.holds) {
      stage.tell(run.begun, run.step.number, StepStateKind::flipped, "holds" + run.round);
      return run.done(ok_status());
    }
    run.done(lab_error(fmt::format("{} is not as expected: `{}`: {}", expect.condition.node, expect.condition.run,
                                   probe->describe(sighting)),
                       kOutputHint));
  });
}

}  // namespace labreel
