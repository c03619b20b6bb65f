#include "recorder/control/control_server.h"

#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <map>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "recorder/control/client_connection.h"
#include "recorder/control/lab_service.h"
#include "recorder/control/mailbox.h"
#include "recorder/control/quiet_kj.h"

namespace labreel {
namespace {

constexpr std::size_t kConnectionsMax = 256;
constexpr auto kDrainMax = 1 * kj::SECONDS;
constexpr auto kDrainStep = 1 * kj::MILLISECONDS;
constexpr auto kAcceptAgainAfter = 100 * kj::MILLISECONDS;

bool may_connect(kj::AsyncIoStream& stream) {
  ucred peer{};
  kj::uint length = sizeof peer;
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &length);
  return peer.uid == 0 || peer.uid == ::geteuid();
}

// What lives in the control thread: the event loop and all that hangs on it.
class ControlLoop {
 public:
  ControlLoop(LabControl& lab, int listening_fd, std::shared_ptr<Mailbox> mailbox)
      : io_(kj::setupAsyncIo()), timer_(io_.provider->getTimer()), mailbox_(std::move(mailbox)) {
    auto service = kj::heap<LabService>(lab, mailbox_, timer_);
    service_ = service.get();
    lab_ = rpc::Lab::Client(kj::mv(service));
    constexpr kj::uint kFlags =
        kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK;
    listener_ = io_.lowLevelProvider->wrapListenSocketFd(listening_fd, kFlags);
    bell_ = kj::heap<kj::UnixEventPort::FdObserver>(io_.unixEventPort, mailbox_->fd(),
                                                    kj::UnixEventPort::FdObserver::OBSERVE_READ);
  }

  // Serves until a task in the mailbox calls stop().
  void run() {
    auto accepting = accept_forever().eagerlyEvaluate(nullptr);
    auto answering = run_mailbox_forever().eagerlyEvaluate(nullptr);
    stop_.promise.wait(io_.waitScope);
    accepting = kj::READY_NOW;
    listener_ = nullptr;
    drain();
    for (auto& [id, connection] : connections_) connection->stream->shutdownWrite();
    connections_.clear();
  }
  void stop() { stop_.fulfiller->fulfill(); }

 private:
  kj::Promise<void> accept_forever() {
    return listener_->accept()
        .then([this](kj::Own<kj::AsyncIoStream> stream) { admit(kj::mv(stream)); })
        .catch_([this](kj::Exception&&) {
          return timer_.afterDelay(kAcceptAgainAfter);  // no descriptors left, or the client has gone again
        })
        .then([this] { return accept_forever(); });
  }

  void admit(kj::Own<kj::AsyncIoStream> stream) {
    if (connections_.size() >= kConnectionsMax || !may_connect(*stream)) return;
    const std::uint64_t id = next_connection_++;
    auto connection = kj::heap<ClientConnection>(kj::mv(stream), *lab_);
    connection->gone = connection->network.onDisconnect()
                           .catch_([](kj::Exception&&) {})
                           .then([this, id] { forget_later(id); })
                           .eagerlyEvaluate(nullptr);
    connections_.emplace(id, kj::mv(connection));
  }

  // Later, because a promise must not be destroyed by its own continuation.
  void forget_later(std::uint64_t id) {
    mailbox_->post([this, id] { connections_.erase(id); });
  }

  kj::Promise<void> run_mailbox_forever() {
    auto rung = bell_->whenBecomesReadable();
    mailbox_->run();
    return rung.then([this] { return run_mailbox_forever(); });
  }

  // A reply that the lab gave before it ended must reach its client: `stop` returns because of the very thing that ends
  // this server.
  void drain() {
    const auto deadline = timer_.now() + kDrainMax;
    while (timer_.now() < deadline) {
      const bool had_tasks = mailbox_->run();
      timer_.afterDelay(kDrainStep).wait(io_.waitScope);
      const bool sent = std::ranges::all_of(
          connections_, [](auto& entry) { return entry.second->network.getCurrentQueueSize() == 0; });
      if (!had_tasks && sent && service_->is_idle()) return;
    }
  }

  kj::AsyncIoContext io_;
  kj::Timer& timer_;
  std::shared_ptr<Mailbox> mailbox_;
  kj::PromiseFulfillerPair<void> stop_ = kj::newPromiseAndFulfiller<void>();
  LabService* service_ = nullptr;  // owned by lab_
  std::optional<capnp::Capability::Client> lab_;
  kj::Own<kj::ConnectionReceiver> listener_;
  kj::Own<kj::UnixEventPort::FdObserver> bell_;
  std::uint64_t next_connection_ = 1;
  std::map<std::uint64_t, kj::Own<ClientConnection>> connections_;
};

// While it lives, threads that are started have every signal blocked: signals are for the program's own threads.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

struct ControlServer::State {
  State(LabControl& lab_served, LabSocket listening) : lab(lab_served), socket(std::move(listening)) {}

  void run(std::promise<ControlLoop*>& started) {
    const QuietKj quiet;
    std::optional<ControlLoop> serving;
    try {
      serving.emplace(lab, socket.fd(), mailbox);
    } catch (const kj::Exception& refused) {
      const auto what = std::string("start the control server: ") + refused.getDescription().cStr();
      started.set_exception(
          std::make_exception_ptr(std::system_error(EAGAIN, std::generic_category(), what)));
      return;
    }
    started.set_value(&*serving);
    serving->run();
    mailbox->close();
  }

  LabControl& lab;
  LabSocket socket;
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  ControlLoop* loop = nullptr;  // owned by the thread
  std::thread thread;
};

ControlServer::ControlServer(LabControl& lab, LabSocket socket)
    : state_(std::make_unique<State>(lab, std::move(socket))) {
  std::promise<ControlLoop*> started;
  {
    const SignalsBlocked blocked;
    state_->thread = std::thread([this, &started] { state_->run(started); });
  }
  try {
    state_->loop = started.get_future().get();
  } catch (...) {
    state_->thread.join();
    throw;
  }
}

ControlServer::~ControlServer() {
  state_->mailbox->post([loop = state_->loop] { loop->stop(); });
  state_->thread.join();
}

const std::string& ControlServer::socket_path() const { return state_->socket.path(); }

}  // namespace labreel
