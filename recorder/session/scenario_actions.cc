#include "recorder/session/scenario_actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/arithmetic.h"
#include "engine/lab/lab_verbs.h"
#include "recorder/session/scenario_waits.h"
#include "recorder/session/told_output.h"

namespace labreel {
namespace {

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

template <std::size_t Count>
std::string verb_of(std::string_view group, const std::array<std::string_view, Count>& actions, auto action) {
  return fmt::format("{}.{}", group, actions[static_cast<std::size_t>(action)]);
}

}  // namespace

void ScenarioActions::play(const WaitStep& step, const StepRun& run) { play_wait(stage_, step, run); }
void ScenarioActions::play(const ExpectStep& step, const StepRun& run) { play_expect(stage_, step, run); }
void ScenarioActions::play(const FlapStep& step, const StepRun& run) { play_flap(stage_, step, run); }
void ScenarioActions::play(const RampStep& step, const StepRun& run) { play_ramp(stage_, step, run); }

void ScenarioActions::play(const MarkStep& step, const StepRun& run) {
  stage_.command("mark", step.note.empty() ? std::vector{step.name} : std::vector{step.name, step.note}, run.begun,
                 run.done);
}

void ScenarioActions::play(const LinkStep& step, const StepRun& run) {
  switch (step.action) {
    case LinkStep::Action::up:
      return mend(step, run);
    case LinkStep::Action::down:
      if (step.direction) return cut_one_way(step, run);
      return stage_.command("link.down", {step.port}, run.begun, run.done);
    case LinkStep::Action::set:
      return stage_.command("link.set", joined({step.port}, arguments_of(step.change)), run.begun, run.done);
    case LinkStep::Action::add:
      return stage_.command("link.add", joined({step.port, step.peer}, arguments_of(step.change)), run.begun, run.done);
    case LinkStep::Action::del:
      return stage_.command("link.del", {step.port}, run.begun, run.done);
  }
}

void ScenarioActions::cut_one_way(const LinkStep& step, const StepRun& run) {
  auto setting = one_way_.fail(step.port, *step.direction);
  if (!setting) return run.done(std::move(setting).error());
  stage_.command("link.set", {step.port, *setting}, run.begun, run.done);
}

// Undoes one-way failures, and without a direction also a cut.
void ScenarioActions::mend(const LinkStep& step, const StepRun& run) {
  const std::vector<std::string> settings = one_way_.mend(step.port, step.direction);
  const auto port = stage_.topology().port_named(step.port);
  const bool is_cut = port && !stage_.topology().ports()[index_of(*port)].cable_up;
  const auto put_up = [this, &step, run] { stage_.command("link.up", {step.port}, run.begun, run.done); };
  if (settings.empty() && !step.direction) return put_up();
  if (settings.empty()) {
    const bool out = *step.direction == Direction::out;
    return run.done(lab_error(fmt::format("no step made the cable of {} fail {}", step.port, out ? "out" : "in")));
  }
  stage_.command("link.set", joined({step.port}, settings), run.begun,
                 [run, put_up, then_up = is_cut && !step.direction](const Status& status) {
                   if (!status || !then_up) return run.done(status);
                   put_up();
                 });
}

void ScenarioActions::play(const NodeStep& step, const StepRun& run) {
  stage_.command(verb_of("node", kNodeActions, step.action), joined({step.node}, step.words), run.begun, run.done);
}

void ScenarioActions::play(const LanStep& step, const StepRun& run) {
  switch (step.action) {
    case LanStep::Action::join:
      return stage_.command("lan.join", joined({step.lan, step.port}, arguments_of(step.change)), run.begun, run.done);
    case LanStep::Action::leave:
      return stage_.command("lan.leave", {step.lan, step.port}, run.begun, run.done);
    case LanStep::Action::add:
      return stage_.command("lan.add", step.hub ? std::vector<std::string>{step.lan, "hub"} : std::vector{step.lan},
                            run.begun, run.done);
    case LanStep::Action::del:
      return stage_.command("lan.del", {step.lan}, run.begun, run.done);
  }
}

void ScenarioActions::play(const ExecStep& step, const StepRun& run) {
  const auto told = std::make_shared<ToldOutput>([this](const std::string& words) { stage_.narrate(words); });
  ExecObserver observer;
  observer.output = [told](Stream stream, std::string_view bytes) { told->add(stream, bytes); };
  observer.done = [&step, run, told](std::int32_t status, const std::string& error) {
    told->finish(step.may_fail ? status : 0);  // a status that fails the scenario is said by its error
    if (!error.empty()) return run.done(lab_error(error));
    if (status == 0 || step.may_fail) return run.done(ok_status());
    run.done(lab_error(fmt::format("`{}` on {} ended with status {}", step.run, step.node, status),
                       "write may_fail: true beside it if that is expected"));
  };
  stage_.exec(step.node, step.run, run.begun, std::move(observer));
}

void ScenarioActions::play(const SleepStep& step, const StepRun& run) {
  stage_.at(add_time(run.began, step.duration_ns), [run] { run.done(ok_status()); });
}

}  // namespace labreel
