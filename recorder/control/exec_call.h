// ExecCall: one exec as its client sees it: output, the end, Ctrl-C, and a lab that goes away.
#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <memory>
#include <optional>

#include "engine/core/result.h"
#include "recorder/control/control.capnp.h"
#include "recorder/control/control_client.h"
#include "recorder/control/interrupt_watch.h"

namespace labreel {

// What a client is told when the other end is gone.
Error lab_ended();

class ExecCall {
 public:
  ExecCall(kj::AsyncIoContext& loop, ExecOutputReader output);
  ~ExecCall();

  // Throws kj::Exception, as every call does.
  Result<ExecResult> run(capnp::Request<rpc::Lab::ExecParams, rpc::Lab::ExecResults>&& request,
                         kj::Promise<void> disconnected);

 private:
  class Observer;

  void heard_output(Stream stream, std::string_view bytes);
  void heard_end(std::int32_t status, std::string error);
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
  // The observer may outlive us in the hands of the lab: it then finds nobody here.
  std::shared_ptr<ExecCall*> self_ = std::make_shared<ExecCall*>(this);
};

}  // namespace labreel
