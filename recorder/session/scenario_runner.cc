#include "recorder/session/scenario_runner.h"

#include <fmt/format.h>

#include "engine/core/units.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPoll_ns = 500'000'000;  // DESIGN.md section 5: a wait looks every 500 ms

// The settings of one direction as the arguments that `link.set` takes.
void append_settings(const CableSettings& settings, std::uint8_t fields, const std::string& side,
                     std::vector<std::string>& arguments) {
  const auto add = [&](CableField field, const char* key, const std::string& value) {
    if ((fields & field) != 0) arguments.push_back(fmt::format("{}.{}={}", key, side, value));
  };
  add(kFieldDelay, "delay", format_duration(settings.delay_ns));
  add(kFieldJitter, "jitter", format_duration(settings.jitter_ns));
  add(kFieldRate, "rate", format_rate(settings.rate_bps));
  add(kFieldQueue, "queue", format_size(settings.queue_bytes));
  add(kFieldLoss, "loss", format_probability(settings.loss_ppb));
  add(kFieldDuplicate, "duplicate", format_probability(settings.duplicate_ppb));
  add(kFieldCorrupt, "corrupt", format_probability(settings.corrupt_ppb));
  add(kFieldReorder, "reorder", format_probability(settings.reorder_ppb));
}

}  // namespace

struct ScenarioRunner::Waiting {
  const WaitStep& step;
  NodeId node{};
  regex_t regex{};
  std::string output;
  std::uint32_t seen = 0;  // matches at the last look
  std::int32_t status = 0;
  LabTime next_look;

  explicit Waiting(const WaitStep& wait) : step(wait) {
    // The lab file's reader has compiled it before, so this cannot fail.
    if (!step.until.empty()) {
      LABREEL_CHECK(::regcomp(&regex, step.until.c_str(), REG_EXTENDED | REG_NEWLINE) == 0);
    }
  }
  ~Waiting() {
    if (!step.until.empty()) ::regfree(&regex);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  std::uint32_t count_matches() const {
    std::uint32_t count = 0;
    const char* at = output.c_str();
    regmatch_t match{};
    int flags = 0;
    while (*at != '\0' && ::regexec(&regex, at, 1, &match, flags) == 0) {
      ++count;
      at += match.rm_eo > 0 ? match.rm_eo : 1;  // an empty match still moves on
      flags = at[-1] == '\n' ? 0 : REG_NOTBOL;
    }
    return count;
  }
};

ScenarioRunner::ScenarioRunner(LabRuntime runtime, Commands& commands, ExecRunner& execs)
    : runtime_(std::move(runtime)), commands_(commands), execs_(execs) {}
ScenarioRunner::~ScenarioRunner() = default;

void ScenarioRunner::run(Done done) {
  done_ = std::move(done);
  begin_next_step();
}

void ScenarioRunner::begin_next_step() {
  if (!done_) return;
  const auto& steps = runtime_.file.scenario;
  if (index_ == steps.size()) return done_(ok_status());
  const Step& step = steps[index_];
  began_ = runtime_.loop.now();
  step_seq_ = runtime_.loop.record(Seq{}, Scenario{static_cast<std::uint32_t>(index_ + 1), "begun", step.text});
  runtime_.narrate(fmt::format("[{}/{}] {}", index_ + 1, steps.size(), step.text));
  std::visit([this](const auto& action) { play(action); }, step.action);
}

void ScenarioRunner::abandon() {
  done_ = nullptr;
  waiting_.reset();
}

void ScenarioRunner::finish_step(Status status) {
  if (!done_) return;
  waiting_.reset();
  const Step& step = runtime_.file.scenario[index_];
  const auto number = static_cast<std::uint32_t>(index_ + 1);
  if (!status) {
    Error error = std::move(status).error();
    runtime_.loop.record(step_seq_, Scenario{number, "failed", error.what});
    error.kind = ErrorKind::lab;
    error.place = fmt::format("{}:{}", runtime_.file.path, step.line);
    return done_(std::move(error));
  }
  runtime_.loop.record(step_seq_, Scenario{number, "done", {}});
  ++index_;
  // From a fresh turn, so that a long scenario of quick steps neither deepens the stack nor holds up frames.
  runtime_.loop.call_at(runtime_.loop.now(), [this] { begin_next_step(); });
}

void ScenarioRunner::command(std::string verb, std::vector<std::string> arguments) {
  commands_.submit({std::move(verb), std::move(arguments), "scenario"}, step_seq_, [this](const CommandReply& reply) {
    finish_step(reply.ok ? ok_status() : Status{lab_error(reply.error)});
  });
}

void ScenarioRunner::play(const MarkStep& step) {
  command("mark", step.note.empty() ? std::vector{step.name} : std::vector{step.name, step.note});
}

void ScenarioRunner::play(const LinkStep& step) {
  if (step.action == LinkStep::Action::up) return command("link.up", {step.port});
  if (step.action == LinkStep::Action::down) return command("link.down", {step.port});
  std::vector<std::string> arguments{step.port};
  append_settings(step.out, step.out_fields, "out", arguments);
  append_settings(step.in, step.in_fields, "in", arguments);
  command("link.set", std::move(arguments));
}

void ScenarioRunner::play(const NodeStep& step) {
  switch (step.action) {
    case NodeStep::Action::start:
      return command("node.start", {step.node});
    case NodeStep::Action::stop:
      return command("node.stop", {step.node});
    case NodeStep::Action::pause:
      return command("node.pause", {step.node});
    case NodeStep::Action::resume:
      return command("node.resume", {step.node});
  }
}

void ScenarioRunner::play(const LanStep& step) {
  command(step.action == LanStep::Action::join ? "lan.join" : "lan.leave", {step.lan, step.port});
}

void ScenarioRunner::play(const ExecStep& step) {
  ExecObserver observer;
  observer.done = [this, &step](std::int32_t status, const std::string& error) {
    if (!error.empty()) return finish_step(lab_error(error));
    if (status != 0 && !step.may_fail) {
      return finish_step(lab_error(fmt::format("`{}` on {} ended with status {}", step.run, step.node, status),
                                   "write may_fail: true beside it if that is expected"));
    }
    finish_step(ok_status());
  };
  commands_.exec(step.node, {"/bin/sh", "-c", step.run}, "scenario", step_seq_, std::move(observer));
}

void ScenarioRunner::play(const SleepStep& step) {
  runtime_.loop.call_at(began_ + step.duration_ns, [this] { finish_step(ok_status()); });
}

void ScenarioRunner::play(const WaitStep& step) {
  waiting_ = std::make_unique<Waiting>(step);
  const auto node = runtime_.topology().node_named(step.node);
  if (!node) return finish_step(lab_error("no node " + step.node));
  waiting_->node = *node;
  poll_condition();
}

void ScenarioRunner::poll_condition() {
  Waiting& waiting = *waiting_;
  if (!runtime_.topology().nodes()[index_of(waiting.node)].running) {
    return finish_step(lab_error("node " + waiting.step.node + " is not running"));
  }
  waiting.output.clear();
  waiting.next_look = runtime_.loop.now() + kPoll_ns;
  ExecObserver observer;
  observer.output = [this](Stream stream, std::string_view text) {
    if (waiting_ && stream == Stream::stdout_stream) waiting_->output.append(text);
  };
  observer.done = [this](std::int32_t status, const std::string&) { judge_condition(status); };
  execs_.run(waiting.node, {"/bin/sh", "-c", waiting.step.run}, step_seq_, std::move(observer));
}

void ScenarioRunner::judge_condition(std::int32_t status) {
  if (!waiting_) return;
  Waiting& waiting = *waiting_;
  waiting.status = status;
  waiting.seen = waiting.step.until.empty() ? 0 : waiting.count_matches();
  const bool holds = status == 0 && (waiting.step.until.empty() || waiting.seen >= waiting.step.count);
  const LabTime now = runtime_.loop.now();
  const std::uint64_t waited_ns = now.ns - began_.ns;
  const std::string waited = seconds_text(waited_ns);
  if (holds) {
    runtime_.loop.record(step_seq_, Scenario{static_cast<std::uint32_t>(index_ + 1), "flipped", "holds after " + waited});
    runtime_.narrate("      holds after " + waited);
    return finish_step(ok_status());
  }
  if (waited_ns >= waiting.step.timeout_ns) {
    const std::string found = waiting.step.until.empty()
                                  ? fmt::format("last status {}", status)
                                  : fmt::format("`{}` seen {} of {} times, last status {}", waiting.step.until,
                                                waiting.seen, waiting.step.count, status);
    return finish_step(lab_error(
        fmt::format("the wait on {} did not hold within {}: `{}`: {}", waiting.step.node,
                    format_duration(waiting.step.timeout_ns), waiting.step.run, found),
        "what the command printed each time is in the reel: labreel events --kind exec.output"));
  }
  const LabTime next = waiting.next_look > now ? waiting.next_look : now;
  runtime_.loop.call_at(next, [this] {
    if (waiting_) poll_condition();
  });
}

}  // namespace labreel
