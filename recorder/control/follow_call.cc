#include "recorder/control/follow_call.h"

#include <kj/debug.h>

#include <cstdint>
#include <utility>

#include "recorder/control/capnp_status.h"

namespace labreel {

// May outlive the call in the lab's hands: it then tells nobody.
class FollowCall::Server final : public rpc::Follower::Server {
 public:
  explicit Server(std::shared_ptr<Heard> heard) : heard_(std::move(heard)) {}

 protected:
  kj::Promise<void> told(ToldContext context) override {
    heard_->newest = from_capnp(context.getParams().getStatus());
    if (heard_->waiting.get() != nullptr) heard_->waiting->fulfill();
    return kj::READY_NOW;
  }

 private:
  std::shared_ptr<Heard> heard_;
};

bool FollowCall::begin(rpc::Lab::Client& lab) {
  auto request = lab.followRequest();
  request.setFollower(kj::heap<Server>(heard_));
  try {
    following_ = request.send().wait(loop_.waitScope).getFollowing();
    return true;
  } catch (const kj::Exception& exception) {
    if (exception.getType() != kj::Exception::Type::UNIMPLEMENTED) throw;
    return false;
  }
}

std::optional<LabStatus> FollowCall::wait(std::chrono::milliseconds patience, kj::Promise<void> disconnected) {
  loop_.waitScope.poll();  // kj's timer stands still while nobody waits: a delay from then would be over at once
  if (!heard_->newest) {
    auto news = kj::newPromiseAndFulfiller<void>();
    heard_->waiting = kj::mv(news.fulfiller);
    auto too_long = loop_.provider->getTimer().afterDelay(patience.count() * kj::MILLISECONDS);
    auto gone = disconnected.then([this]() -> void {
      if (!heard_->newest) kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "the lab is gone"));
    });
    news.promise.exclusiveJoin(kj::mv(too_long)).exclusiveJoin(kj::mv(gone)).wait(loop_.waitScope);
    heard_->waiting = nullptr;
  }
  return std::exchange(heard_->newest, std::nullopt);
}

}  // namespace labreel
