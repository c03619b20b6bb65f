#include "replay/diff/milestones.h"

#include <fmt/format.h>

#include <map>

namespace labreel {
namespace {

class Surveyor {
 public:
  void take(const Event& event) {
    ++survey_.events;
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      take_frame(*frame);
    } else if (const auto* outcome = std::get_if<Outcome>(&event.body)) {
      take_outcome(*outcome);
    } else if (const auto* marker = std::get_if<Marker>(&event.body)) {
      reach("marker " + marker->name, event);
    } else if (const auto* scenario = std::get_if<Scenario>(&event.body)) {
      take_scenario(*scenario, event);
    }
  }
  Survey take() { return std::move(survey_); }

 private:
  void drop(Reason reason) {
    const auto index = static_cast<std::size_t>(reason);
    if (index < kReasonCount) ++survey_.dropped[index];
  }
  void take_frame(const Frame& frame) {
    ++survey_.frames;
    survey_.copies += frame.copies.size();
    for (const Copy& copy : frame.copies) {
      if (copy.scheduled()) {
        ++survey_.delivered;
      } else {
        drop(copy.reason);
      }
    }
  }
  // An outcome exists only for a copy that was scheduled.
  void take_outcome(const Outcome& outcome) {
    if (outcome.reason == Reason::none || survey_.delivered == 0) return;
    --survey_.delivered;
    drop(outcome.reason);
  }
  void take_scenario(const Scenario& scenario, const Event& event) {
    if (scenario.step == 0 && scenario.state == StepStateKind::flipped) {
      reach("watch " + scenario.detail, event);
    } else if (scenario.state == StepStateKind::begun && steps_.size() < kMilestones_max) {
      steps_[scenario.step] = scenario.detail;
    } else if (scenario.state == StepStateKind::flipped) {
      reach(fmt::format("step {}: {}", scenario.step, steps_[scenario.step]), event);
    }
  }
  void reach(std::string name, const Event& event) {
    if (survey_.milestones.size() == kMilestones_max) return;
    const unsigned occurrence = ++seen_[name];
    if (occurrence > 1) name += fmt::format("#{}", occurrence);
    survey_.milestones.push_back({std::move(name), event.seq, event.time});
  }

  Survey survey_;
  std::map<std::uint32_t, std::string> steps_;
  std::map<std::string, unsigned> seen_;
};

MilestonePair::At at(const Survey& survey, std::size_t index) {
  const LabTime time = survey.milestones[index].time;
  const std::uint64_t before_ns = index == 0 ? 0 : survey.milestones[index - 1].time.ns;
  return {time, time.ns - std::min(time.ns, before_ns)};
}

}  // namespace

Survey survey(const EventLog& log) {
  Surveyor surveyor;
  std::optional<Error> damage;
  const auto source = log.events();
  Event event;
  for (;;) {
    const Result<bool> more = source->next(event);
    if (!more) damage = more.error();
    if (!more || !*more) break;
    surveyor.take(event);
  }
  Survey survey = surveyor.take();
  survey.complete = log.complete();
  survey.damage = std::move(damage);
  return survey;
}

std::vector<MilestonePair> pair_milestones(const Survey& a, const Survey& b) {
  std::vector<MilestonePair> pairs;
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < a.milestones.size(); ++i) {
    by_name.emplace(a.milestones[i].name, pairs.size());
    pairs.push_back({a.milestones[i].name, at(a, i), {}});
  }
  for (std::size_t i = 0; i < b.milestones.size(); ++i) {
    const auto found = by_name.find(b.milestones[i].name);
    if (found != by_name.end()) {
      pairs[found->second].b = at(b, i);
    } else {
      pairs.push_back({b.milestones[i].name, {}, at(b, i)});
    }
  }
  return pairs;
}

}  // namespace labreel
