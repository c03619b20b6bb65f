#include "recorder/session/exec_runner.h"

namespace labreel {

ExecId ExecRunner::run(NodeId node, std::vector<std::string> argv, Seq cause, ExecObserver observer) {
  const ExecId id = new_id();
  const Seq seq = runtime_.loop.record(cause, Exec{node, argv});
  running_.emplace(id, Running{node, seq, cause, std::move(observer)});
  runtime_.driver.exec(id, node, argv);
  return id;
}

void ExecRunner::cancel(std::uint64_t token) {
  for (const auto& [id, exec] : running_) {
    if (exec.observer.token != token) continue;
    const std::string node = runtime_.topology().name_of(exec.node);
    const Seq command = runtime_.loop.record(exec.command, Command{"exec.cancel", {node}, OriginKind::cli});
    runtime_.driver.kill_exec(id);
    runtime_.loop.record(command, CommandDone{true, {}});
    return;
  }
}

void ExecRunner::printed(ExecId id, Stream stream, std::string_view bytes) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  runtime_.loop.record(found->second.seq, ExecOutput{found->second.node, stream, std::string{bytes}});
  if (found->second.observer.output) found->second.observer.output(stream, bytes);
}

void ExecRunner::ended(ExecId id, std::int32_t status) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  const Running exec = std::move(found->second);
  running_.erase(found);
  runtime_.loop.record(exec.seq, ExecDone{exec.node, status});
  if (exec.observer.done) exec.observer.done(status, {});
}

}  // namespace labreel
