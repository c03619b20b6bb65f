#include "recorder/session/rerun_plan.h"

#include <algorithm>

#include "engine/core/wire_words.h"
#include "replay/import/imported.h"

namespace labreel {
namespace {

// Puts the typed commands and the end at their anchors.
class Anchoring {
 public:
  Anchoring(const TypedCommands& typed, RerunPlan& plan) : typed_(typed), plan_(plan) {}

  void take(const Event& event) {
    if (event.kind() == EventKind::lab_begun) ++runs_;
    if (const auto anchor = watch_.see(event.seq, event.cause, event.body)) {
      anchor_ = *anchor;
      reached_ = event.time;
    }
    if (next_ < typed_.commands.size() && typed_.commands[next_].seq == event.seq) take_typed(event.time);
    // A console's keys are events of their own, so that each typed thing is found by its seq; so is the end.
    if (typed_.stop == event.seq) take_end(event.time);
  }
  void take_end(LabTime time) {
    if (typed_.why == EndCause::scenario_done || typed_.why == EndCause::failed || plan_.stop_anchor) return;
    plan_.stop_anchor = anchor_;
    plan_.stop_after_ns = time.ns - reached_.ns;
    plan_.why = typed_.why == EndReason{} ? EndCause::stopped : typed_.why;
  }
  unsigned runs() const { return runs_; }

 private:
  void take_typed(LabTime time) {
    TypedCommand typed = typed_.commands[next_++];
    typed.time = LabTime{time.ns - reached_.ns};
    plan_.commands.emplace_back(anchor_, std::move(typed));
  }

  const TypedCommands& typed_;
  RerunPlan& plan_;
  AnchorWatch watch_;
  Anchor anchor_;
  LabTime reached_;
  std::size_t next_ = 0;
  unsigned runs_ = 0;
};

Error refused(std::string what, std::string hint) { return {ErrorKind::usage, std::move(what), {}, std::move(hint)}; }

}  // namespace

std::optional<Anchor> AnchorWatch::see(Seq seq, Seq cause, const EventBody& body) {
  if (const auto* command = std::get_if<Command>(&body)) {
    if (command->verb == "run" && command->by == OriginKind::run && run_command_.is_none()) run_command_ = seq;
  } else if (const auto* done = std::get_if<CommandDone>(&body)) {
    if (done->ok && cause == run_command_ && !cause.is_none()) return Anchor{0, 1};
  } else if (const auto* scenario = std::get_if<Scenario>(&body)) {
    if (scenario->state == StepStateKind::flipped && scenario->step != 0) return Anchor{scenario->step, ++seen_[scenario->step]};
  }
  return std::nullopt;
}

Result<RerunPlan> plan_rerun(const EventLog& log, const std::string& lab_file) {
  const auto begun = beginning_of(log);
  if (!begun || is_imported(*begun)) return nothing_to_reexecute();
  if (begun->branch) return refused("a branch is not rerun: it begins in the middle of its parent", "labreel verify --trust");
  auto file = parse_lab_file(begun->lab_file, lab_file);
  if (!file) return std::move(file).error();
  auto typed = typed_commands(log);
  if (!typed) return std::move(typed).error();

  RerunPlan plan{*begun, *std::move(file), {}, {}};
  Anchoring anchoring{*typed, plan};
  const auto source = log.events();
  Event event;
  for (;;) {
    const Result<bool> more = source->next(event);
    if (!more) return more.error();
    if (!*more) break;
    anchoring.take(event);
  }
  if (anchoring.runs() > 1) return refused("this reel holds several runs (run --continue); only one can be rerun", "labreel run");
  if (!typed->stop) anchoring.take_end(typed->last);
  return plan;
}

}  // namespace labreel
