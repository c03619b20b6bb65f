#include "recorder/control/control_client.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/core/check.h"
#include "recorder/control/capnp_status.h"
#include "recorder/control/capnp_text.h"
#include "recorder/control/console_call.h"
#include "recorder/control/control.capnp.h"
#include "recorder/control/exec_call.h"
#include "recorder/control/follow_call.h"
#include "recorder/control/lab_socket.h"
#include "recorder/control/quiet_kj.h"
#include "recorder/control/request_stream.h"

namespace labreel {
namespace {

constexpr auto kAnswerMax = 1 * kj::SECONDS;  // of the first answer: a recorder that is stopped gives none
constexpr auto kBusyMax = std::chrono::seconds(1);
constexpr auto kBusyPause = std::chrono::milliseconds(5);

// A thread can have one kj event loop: its clients share it.
std::shared_ptr<kj::AsyncIoContext> loop_of_this_thread() {
  thread_local std::weak_ptr<kj::AsyncIoContext> current;
  auto loop = current.lock();
  if (!loop) {
    loop = std::make_shared<kj::AsyncIoContext>(kj::setupAsyncIo());
    current = loop;
  }
  return loop;
}

capnp::Capability::Client bootstrap(capnp::RpcSystem<capnp::rpc::twoparty::VatId>& system) {
  capnp::MallocMessageBuilder message;
  auto server = message.getRoot<capnp::rpc::twoparty::VatId>();
  server.setSide(capnp::rpc::twoparty::Side::SERVER);
  return system.bootstrap(server);
}

Error as_error(const kj::Exception& exception) {
  switch (exception.getType()) {
    case kj::Exception::Type::DISCONNECTED:
      return lab_ended();
    case kj::Exception::Type::UNIMPLEMENTED:
      return Error{
          ErrorKind::lab, "the lab's recorder does not know this request", {}, "it runs another version of labreel"};
    default:
      return Error{ErrorKind::lab, std::string("the lab's recorder: ") + exception.getDescription().cStr()};
  }
}

// Runs a call to the lab; what kj and the OS throw becomes an error.
template <class T, class Call>
Result<T> guarded(Call call) {
  const QuietKj quiet;
  try {
    return call();
  } catch (const kj::Exception& exception) {
    return as_error(exception);
  } catch (const std::system_error& error) {
    return Error{ErrorKind::host, error.what()};
  }
}

// The socket's queue may be full for a moment, when many connect at once.
ConnectAttempt connect_patiently(const std::string& path) {
  const auto until = std::chrono::steady_clock::now() + kBusyMax;
  ConnectAttempt attempt = connect_to_socket(path);
  while (attempt.failure == EAGAIN && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kBusyPause);
    attempt = connect_to_socket(path);
  }
  return attempt;
}

// The lab would close the connection on a message that is too long; say why instead.
template <class Request>
bool is_too_long(const Request& request) {
  constexpr std::uint64_t kEnvelopeBytes = 1024;
  return request.totalSize().wordCount * sizeof(capnp::word) + kEnvelopeBytes > kRequestBytesMax;
}

Error too_long() { return Error{ErrorKind::usage, "the command is too long: at most 1 MiB can be sent to a lab"}; }

// What `command` and `inject` say of a command's end.
template <class Reply>
CommandReply result_of(const Reply& reply, Seq command) {
  return {reply.getOk(), from_capnp(reply.getError()), from_capnp(reply.getHint()),
          reply.getUsage() ? ErrorKind::usage : ErrorKind::lab, command};
}

Error silent(const std::string& path) {
  std::string who = "the lab's recorder";
  const ConnectAttempt attempt = connect_to_socket(path);  // the kernel says who listens, whether they answer or not
  const auto peer = attempt.failure == 0 ? peer_of_socket(attempt.fd.get()) : std::nullopt;
  if (peer) who += " (pid " + std::to_string(peer->pid) + ")";
  return Error{ErrorKind::lab, who + " does not answer within a second", path, "is it stopped, or overloaded?"};
}

Error connect_error(const std::string& path, int failure) {
  switch (failure) {
    case ENOENT:
    case ECONNREFUSED:
      return Error{ErrorKind::lab, "no lab answers here: it has ended", path, "`labreel ps` lists the running labs"};
    case EAGAIN:
      return Error{ErrorKind::lab, "the lab's recorder does not answer", path, "is it stopped, or overloaded?"};
    case EACCES:
    case EPERM:
      return Error{ErrorKind::host, "the lab belongs to another user", path, "run labreel as the user who started it"};
    default:
      return Error{ErrorKind::host, std::string("cannot connect to the lab: ") + std::strerror(failure), path};
  }
}

}  // namespace

// The members are destroyed from the last to the first, as they use each other.
struct ControlClient::State {
  State(std::shared_ptr<kj::AsyncIoContext> threads_loop, OwnedFd fd)
      : loop(std::move(threads_loop)),
        stream(loop->lowLevelProvider->wrapSocketFd(kj::AutoCloseFd(fd.release()))),
        network(*stream, capnp::rpc::twoparty::Side::CLIENT, limited_to(kReplyBytesMax)),
        system(capnp::makeRpcClient(network)),
        lab(bootstrap(system).castAs<rpc::Lab>()) {}

  std::shared_ptr<kj::AsyncIoContext> loop;
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  rpc::Lab::Client lab;
  std::optional<FollowCall> following;

  kj::WaitScope& scope() { return loop->waitScope; }
};

ControlClient::ControlClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlClient::ControlClient(ControlClient&&) noexcept = default;
ControlClient& ControlClient::operator=(ControlClient&&) noexcept = default;
ControlClient::~ControlClient() {
  const QuietKj quiet;
  state_.reset();
}

Result<ControlClient> ControlClient::connect(const std::string& socket_path) {
  return guarded<ControlClient>([&]() -> Result<ControlClient> {
    ConnectAttempt attempt = connect_patiently(socket_path);
    if (attempt.failure != 0) return connect_error(socket_path, attempt.failure);
    // Who can make a socket where we look could tell us anything, or nothing for ever.
    const auto peer = peer_of_socket(attempt.fd.get());
    if (!peer || peer->uid != ::geteuid()) return connect_error(socket_path, EACCES);
    auto state = std::make_unique<State>(loop_of_this_thread(), std::move(attempt.fd));
    state->scope().poll();  // kj's timer stands still while nobody waits: a delay from then would be over at once
    auto answered = state->lab.statusRequest().send().ignoreResult().then([] { return true; });
    auto timeout = state->loop->provider->getTimer().afterDelay(kAnswerMax).then([] { return false; });
    if (!answered.exclusiveJoin(kj::mv(timeout)).wait(state->scope())) {
      return silent(socket_path);
    }
    return ControlClient(std::move(state));
  });
}

Result<CommandReply> ControlClient::command(const std::string& verb, const std::vector<std::string>& arguments,
                                            const Origin& by) {
  return guarded<CommandReply>([&]() -> Result<CommandReply> {
    auto request = state_->lab.commandRequest();
    request.setVerb(to_capnp(verb));
    fill(request.initArguments(static_cast<unsigned>(arguments.size())), arguments);
    request.setBy(to_capnp(by.text()));
    if (is_too_long(request)) return too_long();
    const auto reply = request.send().wait(state_->scope());
    CommandReply result = result_of(reply, Seq{reply.getSeq()});
    result.occurrence = reply.getOccurrence();
    return result;
  });
}

Result<InjectReply> ControlClient::inject(const std::string& port, const std::vector<InjectedFrame>& frames,
                                          const Origin& by) {
  return guarded<InjectReply>([&]() -> Result<InjectReply> {
    auto request = state_->lab.injectRequest();
    request.setPort(to_capnp(port));
    request.setBy(to_capnp(by.text()));
    auto list = request.initFrames(static_cast<unsigned>(frames.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setFrom(to_capnp(frames[i].from));
      list[i].setBytes(as_data(frames[i].bytes));
    }
    if (is_too_long(request)) return too_long();
    const auto reply = request.send().wait(state_->scope());
    InjectReply result;
    for (const std::uint64_t command : reply.getCommands()) result.commands.push_back(Seq{command});
    result.last = result_of(reply, result.commands.empty() ? Seq{} : result.commands.back());
    return result;
  });
}

Result<ExecResult> ControlClient::exec(const std::string& node, const std::vector<std::string>& argv,
                                       ExecOutputReader output, const Origin& by) {
  return guarded<ExecResult>([&]() -> Result<ExecResult> {
    auto request = state_->lab.execRequest();
    request.setNode(to_capnp(node));
    fill(request.initArgv(static_cast<unsigned>(argv.size())), argv);
    request.setBy(to_capnp(by.text()));
    if (is_too_long(request)) return too_long();
    ExecCall call(*state_->loop, std::move(output));
    return call.run(kj::mv(request), state_->network.onDisconnect());
  });
}

Result<ConsoleResult> ControlClient::connect_console(const std::string& node, const std::vector<std::string>& argv,
                                                     const TerminalEnd& terminal, const Origin& by) {
  return guarded<ConsoleResult>([&]() -> Result<ConsoleResult> {
    auto request = state_->lab.connectRequest();
    request.setNode(to_capnp(node));
    fill(request.initArgv(static_cast<unsigned>(argv.size())), argv);
    request.setBy(to_capnp(by.text()));
    if (is_too_long(request)) return too_long();
    ConsoleCall call(*state_->loop, terminal);
    return call.run(kj::mv(request), state_->network.onDisconnect());
  });
}

Status ControlClient::stop(const Origin& by) {
  return guarded<std::monostate>([&] {
    auto request = state_->lab.stopRequest();
    request.setBy(to_capnp(by.text()));
    request.send().ignoreResult().wait(state_->scope());
    return std::monostate{};
  });
}

Result<LabStatus> ControlClient::status() {
  return guarded<LabStatus>([&] {
    const auto reply = state_->lab.statusRequest().send().wait(state_->scope());
    return from_capnp(reply.getStatus());
  });
}

Result<bool> ControlClient::follow() {
  return guarded<bool>([&] {
    if (state_->following) return true;
    FollowCall call(*state_->loop);
    const bool is_known = call.begin(state_->lab);
    if (is_known) state_->following.emplace(std::move(call));
    return is_known;
  });
}

Result<std::optional<LabStatus>> ControlClient::wait_for_news(std::chrono::milliseconds patience) {
  LABREEL_CHECK(state_->following);
  return guarded<std::optional<LabStatus>>(
      [&] { return state_->following->wait(patience, state_->network.onDisconnect()); });
}

Result<std::vector<std::string>> ControlClient::pages(std::uint64_t first, std::uint64_t max_bytes) {
  return guarded<std::vector<std::string>>([&] {
    auto request = state_->lab.pagesRequest();
    request.setFirst(first);
    request.setMaxBytes(max_bytes);
    const auto reply = request.send().wait(state_->scope());
    std::vector<std::string> pages;
    for (const auto page : reply.getPages()) pages.push_back(from_capnp(page));
    return pages;
  });
}

Result<std::vector<HostNote>> ControlClient::notes(std::uint64_t bytes_max) {
  return guarded<std::vector<HostNote>>([&]() -> Result<std::vector<HostNote>> {
    std::vector<HostNote> notes;
    std::uint64_t bytes = 0;
    for (bool more = true; more;) {
      auto request = state_->lab.notesRequest();
      request.setFirst(notes.size());
      const auto reply = request.send().wait(state_->scope());
      for (const auto note : reply.getNotes()) {
        notes.push_back(HostNote{Seq{note.getAfter()}, from_capnp(note.getKind()), from_capnp(note.getDetail())});
        bytes += sizeof(HostNote) + notes.back().kind.size() + notes.back().detail.size();
      }
      if (bytes > bytes_max) return Error{ErrorKind::lab, "the lab's recorder tells more notes than its reel can hold"};
      more = reply.getMore() && reply.getNotes().size() > 0;
    }
    return notes;
  });
}

}  // namespace labreel
