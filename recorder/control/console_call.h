// ConsoleCall: one console as its client sees it: keys, what the terminal shows, its size, and its end.
#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <optional>

#include "engine/core/result.h"
#include "recorder/control/control_client.h"
#include "recorder/control/exec_hearing.h"
#include "recorder/control/interrupt_watch.h"

namespace labreel {

class ConsoleCall final : private ExecHearing {
 public:
  ConsoleCall(kj::AsyncIoContext& loop, const TerminalEnd& terminal);

  // Throws kj::Exception, as every call does.
  Result<ConsoleResult> run(capnp::Request<rpc::Lab::ConnectParams, rpc::Lab::ConnectResults>&& request,
                            kj::Promise<void> disconnected);

 private:
  void heard_output(Stream stream, std::string_view bytes, std::uint64_t lost_bytes) override;
  void heard_end(std::int32_t status, std::string error, std::uint64_t lost_bytes) override;
  kj::Promise<void> forward_keys(kj::UnixEventPort::FdObserver& keys);
  kj::Promise<void> watch_signals(kj::UnixEventPort::FdObserver& signals);
  void leave();

  kj::AsyncIoContext& loop_;
  const TerminalEnd& terminal_;
  InterruptWatch signals_;
  kj::PromiseFulfillerPair<void> over_ = kj::newPromiseAndFulfiller<void>();
  std::optional<rpc::Console::Client> console_;
  kj::Promise<void> resizing_ = kj::READY_NOW;
  bool ended_ = false;
  ConsoleResult result_;
  std::string error_;
};

}  // namespace labreel
