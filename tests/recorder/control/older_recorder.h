// OlderRecorder: a recorder of before, which knows its status and its pages, and nobody who follows it.
#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "recorder/control/capnp_status.h"
#include "recorder/control/control.capnp.h"
#include "recorder/control/control_client.h"
#include "recorder/control/quiet_kj.h"
#include "recorder/control/registry.h"
#include "tests/recorder/control/run_folder.h"

namespace labreel {

class OlderRecorder {
 public:
  OlderRecorder() : socket_(std::move(claim_lab("older")).value()), thread_([this] { run(); }) {}
  ~OlderRecorder() {
    over_ = true;
    thread_.join();
  }
  OlderRecorder(const OlderRecorder&) = delete;
  OlderRecorder& operator=(const OlderRecorder&) = delete;

  ControlClient client() const { return std::move(ControlClient::connect(socket_.path())).value(); }
  // How often it was asked for pages.
  int looks() const { return looks_; }

 private:
  class Lab final : public rpc::Lab::Server {
   public:
    explicit Lab(std::atomic<int>& looks) : looks_(looks) {}

   protected:
    kj::Promise<void> status(StatusContext context) override {
      LabStatus now;
      now.lab = "older";
      fill(context.getResults().initStatus(), now);
      return kj::READY_NOW;
    }
    kj::Promise<void> pages(PagesContext context) override {
      ++looks_;
      context.getResults().initPages(0);
      return kj::READY_NOW;
    }

   private:
    std::atomic<int>& looks_;
  };

  void run() {
    const QuietKj quiet;
    auto io = kj::setupAsyncIo();
    capnp::TwoPartyServer server(kj::heap<Lab>(looks_));
    auto listener = io.lowLevelProvider->wrapListenSocketFd(socket_.fd());
    const auto serving = server.listen(*listener).eagerlyEvaluate(nullptr);
    while (!over_) io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
  }

  RunFolder folder_;
  LabSocket socket_;
  std::atomic<int> looks_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace labreel
