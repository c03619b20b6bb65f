// ExecCall: one exec as its client sees it: output, the end, Ctrl-C, and a lab that goes away.
#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <optional>

#include "engine/core/result.h"
#include "recorder/control/control_client.h"
#include "recorder/control/exec_hearing.h"
#include "recorder/control/interrupt_watch.h"

namespace labreel {

// What a client is told when the other end is gone.
Error lab_ended();

class ExecCall final : private ExecHearing {
 public:
  ExecCall(kj::AsyncIoContext& loop, ExecOutputReader output);

  // Throws kj::Exception, as every call does.
  Result<ExecResult> run(capnp::Request<rpc::Lab::ExecParams, rpc::Lab::ExecResults>&& request,
                         kj::Promise<void> disconnected);

 private:
  void heard_output(Stream stream, std::string_view bytes, std::uint64_t lost_bytes) override;
  void heard_end(std::int32_t status, std::string error, std::uint64_t lost_bytes) override;
  kj::Promise<void> watch_signals(kj::UnixEventPort::FdObserver& signals);
  void cancel();
  void give_up();

  kj::AsyncIoContext& loop_;
  ExecOutputReader output_;
  InterruptWatch interrupts_;
  kj::PromiseFulfillerPair<void> over_ = kj::newPromiseAndFulfiller<void>();
  std::optional<rpc::RunningExec::Client> running_;
  kj::Promise<void> cancelling_ = kj::READY_NOW;
  kj::Promise<void> grace_ = kj::READY_NOW;
  bool cancelled_ = false;
  bool ended_ = false;
  bool gave_up_ = false;
  ExecResult result_;
  std::string error_;
};

}  // namespace labreel
