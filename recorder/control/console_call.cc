#include "recorder/control/console_call.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "recorder/control/exec_call.h"

namespace labreel {
namespace {

constexpr std::size_t kKeysAtOnce = 4096;

bool has_input(int fd) {
  pollfd input{fd, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

}  // namespace

ConsoleCall::ConsoleCall(kj::AsyncIoContext& loop, const TerminalEnd& terminal)
    : loop_(loop), terminal_(terminal), signals_({SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {}

Result<ConsoleResult> ConsoleCall::run(capnp::Request<rpc::Lab::ConnectParams, rpc::Lab::ConnectResults>&& request,
                                       kj::Promise<void> disconnected) {
  constexpr auto kRead = kj::UnixEventPort::FdObserver::OBSERVE_READ;
  kj::UnixEventPort::FdObserver signals(loop_.unixEventPort, signals_.fd(), kRead);
  kj::UnixEventPort::FdObserver keys(loop_.unixEventPort, terminal_.keys_fd, kRead);
  request.setObserver(observer());
  const TerminalSize size = terminal_.size();
  request.setRows(size.rows);
  request.setColumns(size.columns);
  auto started = request.send();
  console_ = started.getConsole();
  const auto refused = started.ignoreResult().eagerlyEvaluate(
      [this](kj::Exception&& exception) { over_.fulfiller->reject(kj::mv(exception)); });
  const auto watching = watch_signals(signals).eagerlyEvaluate(nullptr);
  const auto forwarding = forward_keys(keys).eagerlyEvaluate(
      [this](kj::Exception&& exception) { over_.fulfiller->reject(kj::mv(exception)); });
  over_.promise.exclusiveJoin(kj::mv(disconnected)).wait(loop_.waitScope);
  if (result_.left || result_.interrupted_by != 0) return result_;
  if (!ended_) return lab_ended();
  if (!error_.empty()) return Error{ErrorKind::lab, error_};
  return result_;
}

void ConsoleCall::heard_output(Stream, std::string_view bytes, std::uint64_t lost_bytes) {
  result_.lost_bytes += lost_bytes;
  if (!bytes.empty() && !terminal_.show(bytes)) leave();
}

void ConsoleCall::heard_end(std::int32_t status, std::string error, std::uint64_t lost_bytes) {
  result_.lost_bytes += lost_bytes;
  ended_ = true;
  result_.status = status;
  error_ = std::move(error);
  over_.fulfiller->fulfill();
}

// One piece of keys at a time is under way, so a paste waits in our own terminal rather than in the lab.
kj::Promise<void> ConsoleCall::forward_keys(kj::UnixEventPort::FdObserver& keys) {
  if (!has_input(terminal_.keys_fd)) {
    return keys.whenBecomesReadable().then([this, &keys] { return forward_keys(keys); });
  }
  std::array<char, kKeysAtOnce> buffer;
  const ssize_t got = ::read(terminal_.keys_fd, buffer.data(), buffer.size());
  if (got <= 0) {
    leave();
    return kj::READY_NOW;
  }
  std::string_view typed{buffer.data(), static_cast<std::size_t>(got)};
  const std::size_t leaving = typed.find(terminal_.leave_key);
  typed = typed.substr(0, leaving);
  auto request = console_->writeRequest();
  request.setBytes(as_data(typed));
  return request.send().ignoreResult().then([this, &keys, leaves = leaving != typed.npos]() -> kj::Promise<void> {
    if (!leaves) return forward_keys(keys);
    leave();
    return kj::READY_NOW;
  });
}

kj::Promise<void> ConsoleCall::watch_signals(kj::UnixEventPort::FdObserver& signals) {
  return signals.whenBecomesReadable().then([this, &signals] {
    while (const auto signal = signals_.take()) {
      if (*signal != SIGWINCH) {
        result_.interrupted_by = *signal;
        over_.fulfiller->fulfill();
        continue;
      }
      auto request = console_->resizeRequest();
      const TerminalSize size = terminal_.size();
      request.setRows(size.rows);
      request.setColumns(size.columns);
      resizing_ = request.send().ignoreResult().eagerlyEvaluate([](kj::Exception&&) {});
    }
    return watch_signals(signals);
  });
}

void ConsoleCall::leave() {
  result_.left = true;
  over_.fulfiller->fulfill();
}

}  // namespace labreel
