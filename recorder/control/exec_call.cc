#include "recorder/control/exec_call.h"

#include <csignal>
#include <utility>

namespace labreel {
namespace {

constexpr auto kCancelGrace = 3 * kj::SECONDS;

}  // namespace

Error lab_ended() { return Error{ErrorKind::lab, "the lab ended", {}, "its reel holds everything up to its end"}; }

ExecCall::ExecCall(kj::AsyncIoContext& loop, ExecOutputReader output) : loop_(loop), output_(std::move(output)) {}

Result<ExecResult> ExecCall::run(capnp::Request<rpc::Lab::ExecParams, rpc::Lab::ExecResults>&& request,
                                 kj::Promise<void> disconnected) {
  kj::UnixEventPort::FdObserver signals(loop_.unixEventPort, interrupts_.fd(),
                                        kj::UnixEventPort::FdObserver::OBSERVE_READ);
  const auto watching = watch_signals(signals).eagerlyEvaluate(nullptr);
  request.setObserver(observer());
  auto started = request.send();
  running_ = started.getExec();
  const auto refused = started.ignoreResult().eagerlyEvaluate(
      [this](kj::Exception&& exception) { over_.fulfiller->reject(kj::mv(exception)); });
  over_.promise.exclusiveJoin(kj::mv(disconnected)).wait(loop_.waitScope);
  if (result_.interrupted_by != 0 || gave_up_) return result_;
  if (!ended_) return lab_ended();
  if (!error_.empty()) return Error{ErrorKind::lab, error_};
  return result_;
}

void ExecCall::heard_output(Stream stream, std::string_view bytes, std::uint64_t lost_bytes) {
  result_.lost_bytes += lost_bytes;
  if (output_ && !bytes.empty() && !output_(stream, bytes)) {
    output_ = nullptr;  // nobody reads any more
    cancel();
  }
}

void ExecCall::heard_end(std::int32_t status, std::string error, std::uint64_t lost_bytes) {
  result_.lost_bytes += lost_bytes;
  ended_ = true;
  result_.status = status;
  error_ = std::move(error);
  over_.fulfiller->fulfill();
}

kj::Promise<void> ExecCall::watch_signals(kj::UnixEventPort::FdObserver& signals) {
  return signals.whenBecomesReadable().then([this, &signals] {
    while (const auto signal = interrupts_.take()) {
      if (result_.interrupted_by != 0) give_up();  // the second one
      result_.interrupted_by = *signal;
      cancel();
    }
    return watch_signals(signals);
  });
}

// The program may go on: the lab could not kill it in time, or nobody wants to wait.
void ExecCall::give_up() {
  gave_up_ = true;
  if (!ended_) result_.status = 128 + SIGKILL;
  over_.fulfiller->fulfill();
}

void ExecCall::cancel() {
  if (std::exchange(cancelled_, true)) return;
  cancelling_ = running_->cancelRequest().send().ignoreResult().eagerlyEvaluate([](kj::Exception&&) {});
  grace_ = loop_.provider->getTimer().afterDelay(kCancelGrace).then([this] { give_up(); }).eagerlyEvaluate(nullptr);
}

}  // namespace labreel
