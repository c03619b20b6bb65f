#include "recorder/session/scenario_runner.h"

#include <fmt/format.h>

#include <type_traits>

#include "engine/core/arithmetic.h"
#include "recorder/session/scenario_watches.h"

namespace labreel {

// One step after the other, each from a fresh turn, so that many quick steps neither deepen the stack nor hold up frames.
class ScenarioRunner::Sequence : public std::enable_shared_from_this<Sequence> {
 public:
  Sequence(ScenarioRunner& runner, const std::vector<Step>& steps, Around around, Done done)
      : runner_(runner), steps_(steps), around_(std::move(around)), done_(std::move(done)) {}

  void play_next() {
    if (index_ == steps_.size()) return done_(ok_status());
    runner_.play(steps_[index_++], around_, [self = shared_from_this()](const Status& status) {
      if (!status) return self->done_(status);
      self->runner_.stage_.at(self->runner_.stage_.now(), [self] { self->play_next(); });
    });
  }

 private:
  ScenarioRunner& runner_;
  const std::vector<Step>& steps_;
  const Around around_;
  const Done done_;
  std::size_t index_ = 0;
};

class ScenarioRunner::Parallel : public std::enable_shared_from_this<Parallel> {
 public:
  Parallel(ScenarioRunner& runner, const std::vector<Step>& steps, Around around, Done done)
      : runner_(runner), steps_(steps), around_(std::move(around)), done_(std::move(done)), left_(steps.size()) {}

  // In the order in which they are written, at one time.
  void begin() {
    for (const Step& step : steps_) {
      runner_.stage_.at(runner_.stage_.now(), [self = shared_from_this(), &step] {
        self->runner_.play(step, self->around_, [self](const Status& status) {
          if (!status || --self->left_ == 0) self->done_(status);
        });
      });
    }
  }

 private:
  ScenarioRunner& runner_;
  const std::vector<Step>& steps_;
  const Around around_;
  const Done done_;
  std::size_t left_;
};

class ScenarioRunner::Repeat : public std::enable_shared_from_this<Repeat> {
 public:
  Repeat(ScenarioRunner& runner, const RepeatStep& repeat, Around around, Done done)
      : runner_(runner), repeat_(repeat), around_(std::move(around)), done_(std::move(done)),
        next_round_(runner.stage_.now()) {}

  void play_next() {
    if (rounds_ == repeat_.times) return done_(ok_status());
    ++rounds_;
    runner_.stage_.at(next_round_, [self = shared_from_this()] { self->play_round(); });
  }

 private:
  void play_round() {
    next_round_ = add_time(runner_.stage_.now(), repeat_.every_ns);
    Around inside = around_;
    inside.round += fmt::format(" (round {} of {})", rounds_, repeat_.times);
    const auto end = [self = shared_from_this()](const Status& status) {
      if (!status) return self->done_(status);
      self->play_next();
    };
    std::make_shared<Sequence>(runner_, repeat_.steps, std::move(inside), end)->play_next();
  }

  ScenarioRunner& runner_;
  const RepeatStep& repeat_;
  const Around around_;
  const Done done_;
  LabTime next_round_;
  std::uint32_t rounds_ = 0;
};

ScenarioRunner::ScenarioRunner(LabRuntime runtime, Commands& commands, ExecRunner& execs)
    : stage_(std::move(runtime), commands, execs), actions_(stage_) {}

void ScenarioRunner::watch() {
  if (stage_.is_open()) begin_watches(stage_);
}

void ScenarioRunner::run(Done done) {
  const auto end = [this, done = std::move(done)](const Status& status) {
    if (!status) stage_.close();
    done(status);
  };
  std::make_shared<Sequence>(*this, stage_.file().scenario, Around{}, end)->play_next();
}

void ScenarioRunner::play(const Step& step, const Around& around, Done done) {
  const LabTime due = add_time(stage_.began(), step.at_ns.value_or(0));
  if (due <= stage_.now()) return begin(step, around, std::move(done));
  stage_.at(due, [this, &step, around, done = std::move(done)] { begin(step, around, done); });
}

void ScenarioRunner::begin(const Step& step, const Around& around, Done done) {
  const LabTime now = stage_.now();
  std::string text = step.text + around.round;
  constexpr std::uint64_t kLate_ns = 100'000'000;  // seen in the text, which gives tenths of a second
  const std::uint64_t since_began_ns = now.ns - stage_.began().ns;
  if (step.at_ns && since_began_ns >= *step.at_ns + kLate_ns) {
    text += " (late by " + seconds_text(since_began_ns - *step.at_ns) + ")";
  }
  const Seq begun = stage_.tell(around.begun, step.number, StepStateKind::begun, text);
  stage_.narrate(fmt::format("[{}/{}] {}", step.number, stage_.file().step_count, text));
  const Done end = [this, &step, begun, done = std::move(done)](const Status& status) {
    finish(step, begun, status, done);
  };
  const Around inside{begun, around.round};
  std::visit(
      [&](const auto& action) {
        using Action = std::decay_t<decltype(action)>;
        if constexpr (std::is_same_v<Action, ParallelStep>) {
          std::make_shared<Parallel>(*this, action.steps, inside, end)->begin();
        } else if constexpr (std::is_same_v<Action, RepeatStep>) {
          std::make_shared<Repeat>(*this, action, inside, end)->play_next();
        } else {
          actions_.play(action, StepRun{step, begun, now, around.round, end});
        }
      },
      step.action);
}

void ScenarioRunner::finish(const Step& step, Seq begun, const Status& status, const Done& done) {
  if (status) {
    stage_.tell(begun, step.number, StepStateKind::done, {});
    return done(status);
  }
  Error error = status.error();
  const bool is_own = error.place.empty();  // else a step inside has failed
  stage_.tell(begun, step.number, StepStateKind::failed, is_own ? error.what : "the step of " + error.place + " failed");
  if (is_own) error.place = fmt::format("{}:{}", stage_.file().path, step.line);
  error.kind = ErrorKind::lab;
  done(std::move(error));
}

}  // namespace labreel
