// Followers: clients that are told how the lab stands, each no faster than it hears. Lives in the control thread's event
// loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <map>
#include <memory>

#include "recorder/control/control.capnp.h"
#include "recorder/control/mailbox.h"
#include "recorder/lab_control.h"

namespace labreel {

// Shape: a follower has one message on its way and none that waits. However many follow, the lab is asked once for news.
class Followers {
 public:
  Followers(LabControl& lab, std::shared_ptr<Mailbox> mailbox, kj::Timer& timer)
      : lab_(lab), mailbox_(std::move(mailbox)), timer_(timer) {}

  // Tells a follower until what is returned is dropped, or the lab has ended.
  rpc::Following::Client add(rpc::Follower::Client follower);
  // Says whether every follower that listens knows that the lab has ended, if it has.
  bool is_idle() const;
  void forget_later(std::uint64_t id);

 private:
  struct One {
    rpc::Follower::Client follower;
    LabStatus told;
    bool answered = false;                       // what was told last
    kj::Own<kj::PromiseFulfiller<void>> news{};  // while it waits for some
    kj::Promise<void> telling = kj::READY_NOW;   // the last member: it uses the others
  };

  kj::Promise<void> tell(One& one);
  kj::Promise<void> tell_if_new(One& one);
  void ask_for_news(const LabStatus& known);
  void hear_news();

  LabControl& lab_;
  std::shared_ptr<Mailbox> mailbox_;
  kj::Timer& timer_;
  bool asked_ = false;  // the lab for news
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, kj::Own<One>> followers_;
};

}  // namespace labreel
