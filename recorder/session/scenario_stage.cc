#include "recorder/session/scenario_stage.h"

#include <algorithm>

namespace labreel {

ScenarioStage::ScenarioStage(LabRuntime runtime, Commands& commands, ExecRunner& execs)
    : runtime_(std::move(runtime)), commands_(commands), execs_(execs), open_(std::make_shared<bool>(true)) {}

void ScenarioStage::at(LabTime when, std::function<void()> then) {
  runtime_.loop.call_at(std::max(when, now()), [open = open_, then = std::move(then)] {
    if (*open) then();
  });
}

void ScenarioStage::command(std::string verb, std::vector<std::string> arguments, Seq cause, Done done) {
  commands_.submit({std::move(verb), std::move(arguments), OriginKind::scenario}, cause,
                   [open = open_, done = std::move(done)](const CommandReply& reply) {
                     if (*open) done(reply.ok ? ok_status() : Status{lab_error(reply.error, reply.hint)});
                   });
}

void ScenarioStage::exec(const std::string& node, const std::string& line, Seq cause, ExecObserver observer) {
  commands_.exec(node, {"/bin/sh", "-c", line}, OriginKind::scenario, cause, guarded(std::move(observer)));
}

Seq ScenarioStage::look(NodeId node, const std::string& line, Seq cause, ExecObserver observer) {
  const Seq seq = runtime_.sink.next_seq();
  execs_.run(node, {"/bin/sh", "-c", line}, cause, guarded(std::move(observer)));
  return seq;
}

Seq ScenarioStage::tell(Seq cause, std::uint32_t step, StepStateKind state, std::string detail) {
  return runtime_.loop.record(cause, Scenario{step, state, std::move(detail)});
}

ExecObserver ScenarioStage::guarded(ExecObserver observer) const {
  ExecObserver guarded;
  guarded.token = observer.token;
  guarded.output = [open = open_, output = std::move(observer.output)](Stream stream, std::string_view bytes) {
    if (*open && output) output(stream, bytes);
  };
  guarded.done = [open = open_, done = std::move(observer.done)](std::int32_t status, const std::string& error) {
    if (*open && done) done(status, error);
  };
  return guarded;
}

}  // namespace labreel
