#include "recorder/control/followers.h"

#include <algorithm>
#include <utility>

#include "recorder/control/capnp_status.h"

namespace labreel {
namespace {

constexpr auto kBetweenTwo = 100 * kj::MILLISECONDS;

class FollowingServer final : public rpc::Following::Server {
 public:
  FollowingServer(Followers& followers, std::uint64_t id) : followers_(followers), id_(id) {}
  ~FollowingServer() noexcept(false) { followers_.forget_later(id_); }

 private:
  Followers& followers_;
  const std::uint64_t id_;
};

}  // namespace

rpc::Following::Client Followers::add(rpc::Follower::Client follower) {
  const std::uint64_t id = next_id_++;
  One& one = *followers_.emplace(id, kj::heap<One>(One{kj::mv(follower), {}})).first->second;
  one.telling = tell(one).eagerlyEvaluate([this, id](kj::Exception&&) { forget_later(id); });
  return kj::heap<FollowingServer>(*this, id);
}

// While the answer is awaited or the time between two is not over, what happens is not even looked at.
kj::Promise<void> Followers::tell(One& one) {
  one.told = lab_.status();
  one.answered = false;
  auto request = one.follower.toldRequest();
  fill(request.initStatus(), one.told);
  auto pause = timer_.afterDelay(kBetweenTwo);
  return request.send().ignoreResult().then([this, &one, pause = kj::mv(pause)]() mutable -> kj::Promise<void> {
    one.answered = true;
    if (one.told.state == kEndedState) return kj::READY_NOW;
    return pause.then([this, &one] { return tell_if_new(one); });
  });
}

kj::Promise<void> Followers::tell_if_new(One& one) {
  const LabStatus now = lab_.status();
  if (now.events != one.told.events || now.state != one.told.state) return tell(one);
  auto news = kj::newPromiseAndFulfiller<void>();
  one.news = kj::mv(news.fulfiller);
  ask_for_news(one.told);
  return news.promise.then([this, &one] { return tell_if_new(one); });
}

// All who wait know the same: had anything happened since the first of them began to, all of them had been told.
void Followers::ask_for_news(const LabStatus& known) {
  if (std::exchange(asked_, true)) return;
  lab_.follow(known, [this, mailbox = mailbox_] { mailbox->post([this] { hear_news(); }); });
}

void Followers::hear_news() {
  asked_ = false;
  for (auto& [id, one] : followers_) {
    if (one->news.get() != nullptr) std::exchange(one->news, nullptr)->fulfill();
  }
}

bool Followers::is_idle() const {
  return lab_.status().state != kEndedState || std::ranges::none_of(followers_, [](const auto& follower) {
           const One& one = *follower.second;
           return one.answered && one.told.state != kEndedState;
         });
}

// Later, because a promise must not be destroyed by its own continuation.
void Followers::forget_later(std::uint64_t id) {
  mailbox_->post([this, id] { followers_.erase(id); });
}

}  // namespace labreel
