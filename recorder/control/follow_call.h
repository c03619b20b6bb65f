// FollowCall: a lab that is followed, as its client sees it.
#pragma once

#include <kj/async-io.h>

#include <chrono>
#include <memory>
#include <optional>

#include "recorder/control/control.capnp.h"
#include "recorder/lab_control.h"

namespace labreel {

// Shape: of what the lab tells, the newest is kept. It is answered as soon as it is read, which is while this thread waits
//        for something of the lab's.
class FollowCall {
 public:
  explicit FollowCall(kj::AsyncIoContext& loop) : loop_(loop) {}

  // Returns false if the recorder does not know this request. Throws kj::Exception, as every call does.
  bool begin(rpc::Lab::Client& lab);
  // What was told since the last call, or is told within `patience`; throws kj::Exception when the lab is gone.
  std::optional<LabStatus> wait(std::chrono::milliseconds patience, kj::Promise<void> disconnected);

 private:
  struct Heard {
    std::optional<LabStatus> newest;
    kj::Own<kj::PromiseFulfiller<void>> waiting;  // none when nobody does
  };
  class Server;

  kj::AsyncIoContext& loop_;
  std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
  std::optional<rpc::Following::Client> following_;
};

}  // namespace labreel
