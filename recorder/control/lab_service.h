// LabService: the Lab interface of control.capnp over a LabControl. Lives in the control thread's event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <map>
#include <memory>

#include "recorder/control/control.capnp.h"
#include "recorder/control/exec_feed.h"
#include "recorder/control/followers.h"
#include "recorder/control/mailbox.h"
#include "recorder/lab_control.h"

namespace labreel {

// Shape: one for all clients. The lab's callbacks come on the lab's thread; they carry only numbers and values into the
//        mailbox, and what belongs to the event loop is looked up here.
class LabService final : public rpc::Lab::Server {
 public:
  LabService(LabControl& lab, const std::shared_ptr<Mailbox>& mailbox, kj::Timer& timer)
      : lab_(lab), mailbox_(mailbox), followers_(lab, mailbox, timer) {}

  // Nothing that the lab has already said still waits to be sent.
  bool is_idle() const;

 protected:
  kj::Promise<void> command(CommandContext context) override;
  kj::Promise<void> inject(InjectContext context) override;
  kj::Promise<void> exec(ExecContext context) override;
  kj::Promise<void> connect(ConnectContext context) override;
  kj::Promise<void> stop(StopContext context) override;
  kj::Promise<void> status(StatusContext context) override;
  kj::Promise<void> pages(PagesContext context) override;
  kj::Promise<void> notes(NotesContext context) override;
  kj::Promise<void> follow(FollowContext context) override;

 private:
  // An exec whose output goes to a client.
  struct Relay {
    std::shared_ptr<ExecFeed> feed;
    rpc::ExecObserver::Client observer;
    bool pumping = false;
    kj::Promise<void> pump = kj::READY_NOW;
  };

  ExecObserver relay_to(rpc::ExecObserver::Client observer, std::uint64_t token);
  void finish_command(std::uint64_t id, CommandReply reply);
  void finish_inject(std::uint64_t id, InjectReply reply);
  void finish_stop(std::uint64_t id);
  void wake(std::uint64_t id);
  kj::Promise<void> pump(std::uint64_t id, Relay& relay);
  void end_relay_later(std::uint64_t id);

  LabControl& lab_;
  std::shared_ptr<Mailbox> mailbox_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, kj::Own<kj::PromiseFulfiller<CommandReply>>> commands_;
  std::map<std::uint64_t, kj::Own<kj::PromiseFulfiller<InjectReply>>> injects_;
  std::map<std::uint64_t, kj::Own<kj::PromiseFulfiller<void>>> stops_;
  std::map<std::uint64_t, kj::Own<Relay>> relays_;
  Followers followers_;
};

}  // namespace labreel
