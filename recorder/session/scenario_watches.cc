#include "recorder/session/scenario_watches.h"

#include "engine/core/arithmetic.h"
#include "engine/core/wire_words.h"
#include "recorder/session/condition.h"

namespace labreel {
namespace {

class Watching : public std::enable_shared_from_this<Watching> {
 public:
  Watching(ScenarioStage& stage, const WatchDef& def)
      : stage_(stage), def_(def), probe_(std::make_shared<ConditionProbe>(stage, def.condition)) {}

  void begin() {
    begun_ = stage_.tell(Seq{}, 0, StepStateKind::begun, std::string(text_of(StepKind::watch)) + def_.name + " on " + def_.condition.node);
    look();
  }

 private:
  void look() {
    const LabTime next_look = add_time(stage_.now(), def_.every_ns);
    probe_->look(begun_, [self = shared_from_this(), next_look](const Sighting& sighting) {
      self->judge(sighting);
      self->stage_.at(next_look, [self] { self->look(); });
    });
  }

  void judge(const Sighting& sighting) {
    if (sighting.holds == holds_) return;
    holds_ = sighting.holds;
    const std::string words = def_.name + (holds_ ? " holds" : " no longer holds");
    stage_.tell(sighting.ran ? sighting.exec : begun_, 0, StepStateKind::flipped, words);
    stage_.narrate(words + " at " + seconds_text(stage_.now().ns));
  }

  ScenarioStage& stage_;
  const WatchDef& def_;
  std::shared_ptr<ConditionProbe> probe_;
  Seq begun_;
  bool holds_ = false;
};

}  // namespace

void begin_watches(ScenarioStage& stage) {
  for (const WatchDef& def : stage.file().watches) std::make_shared<Watching>(stage, def)->begin();
}

}  // namespace labreel
