#include "recorder/control/lab_service.h"

#include <kj/debug.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string_view>
#include <utility>

#include "recorder/control/capnp_status.h"
#include "recorder/control/capnp_text.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPagesBytesMax = 16 << 20;
constexpr std::uint64_t kNotesBytesMax = 4 << 20;
constexpr std::size_t kTypedBytesMax = 64 << 10;

// Names in the lab and arguments of programs end at a zero byte, so one that holds a zero byte would be cut silently.
bool holds_zero_byte(const std::vector<std::string>& texts) {
  return std::ranges::any_of(texts, [](const std::string& text) { return text.find('\0') != text.npos; });
}

std::uint64_t new_exec_token() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

class RunningExecServer final : public rpc::RunningExec::Server {
 public:
  RunningExecServer(LabControl& lab, std::uint64_t token) : lab_(lab), token_(token) {}

 protected:
  kj::Promise<void> cancel(CancelContext) override {
    lab_.cancel_exec(token_);
    return kj::READY_NOW;
  }

 private:
  LabControl& lab_;
  const std::uint64_t token_;
};

class ConsoleServer final : public rpc::Console::Server {
 public:
  ConsoleServer(LabControl& lab, std::uint64_t token) : lab_(lab), token_(token) {}
  ~ConsoleServer() noexcept(false) { lab_.cancel_exec(token_); }

 protected:
  kj::Promise<void> write(WriteContext context) override {
    std::string bytes = from_capnp(context.getParams().getBytes());
    KJ_REQUIRE(bytes.size() <= kTypedBytesMax, "too much was typed at once");
    lab_.write_console(token_, std::move(bytes));
    return kj::READY_NOW;
  }
  kj::Promise<void> resize(ResizeContext context) override {
    lab_.resize_console(token_, context.getParams().getRows(), context.getParams().getColumns());
    return kj::READY_NOW;
  }

 private:
  LabControl& lab_;
  const std::uint64_t token_;
};

// Fulfils and forgets the call of that number; its client may be gone, and then nobody hears it.
template <class Map, class... Value>
void fulfil(Map& calls, std::uint64_t id, Value&&... value) {
  const auto call = calls.find(id);
  if (call == calls.end()) return;
  call->second->fulfill(std::forward<Value>(value)...);
  calls.erase(call);
}

// What a client hears who says that the recorder itself commands: a re-run would leave such a command out.
CommandReply not_yours(const Origin& by) {
  return {.error = "only the recorder itself gives commands as `" + by.text() + "`",
          .hint = "a program says `cli` or `page`, perhaps with a name: `page:anna`",
          .kind = ErrorKind::usage};
}

// What `command` and `inject` say of a command's end.
template <class Results>
void tell_result(Results&& results, const CommandReply& reply) {
  results.setOk(reply.ok);
  results.setError(to_capnp(reply.error));
  results.setHint(to_capnp(reply.hint));
  results.setUsage(reply.kind == ErrorKind::usage);
}

}  // namespace

bool LabService::is_idle() const {
  return std::ranges::none_of(relays_, [](const auto& relay) { return relay.second->pumping; }) && followers_.is_idle();
}

kj::Promise<void> LabService::command(CommandContext context) {
  context.allowCancellation();
  const auto params = context.getParams();
  CommandRequest request{from_capnp(params.getVerb()), from_capnp(params.getArguments()), from_capnp(params.getBy())};
  if (request.by.is_recorders_own()) {
    tell_result(context.getResults(), not_yours(request.by));
    return kj::READY_NOW;
  }
  if (holds_zero_byte({request.verb, request.by.text()}) || holds_zero_byte(request.arguments)) {
    context.getResults().setError("an argument holds a zero byte");
    return kj::READY_NOW;
  }
  auto done = kj::newPromiseAndFulfiller<CommandReply>();
  const std::uint64_t id = next_id_++;
  commands_.emplace(id, kj::mv(done.fulfiller));
  lab_.submit(std::move(request), [this, mailbox = mailbox_, id](CommandReply reply) {
    mailbox->post([this, id, reply = std::move(reply)] { finish_command(id, reply); });
  });
  return done.promise.then([context](CommandReply reply) mutable {
    auto results = context.getResults();
    tell_result(results, reply);
    results.setSeq(reply.command.value);
    results.setOccurrence(reply.occurrence);
  });
}

void LabService::finish_command(std::uint64_t id, CommandReply reply) { fulfil(commands_, id, std::move(reply)); }

kj::Promise<void> LabService::inject(InjectContext context) {
  context.allowCancellation();
  const auto params = context.getParams();
  InjectRequest request{from_capnp(params.getPort()), {}, from_capnp(params.getBy())};
  if (request.by.is_recorders_own()) {
    tell_result(context.getResults(), not_yours(request.by));
    return kj::READY_NOW;
  }
  std::vector<std::string> names{request.port, request.by.text()};
  for (const auto frame : params.getFrames()) {
    request.frames.push_back({from_capnp(frame.getFrom()), from_capnp(frame.getBytes())});
    names.push_back(request.frames.back().from);
  }
  if (holds_zero_byte(names)) {
    context.getResults().setError("a name holds a zero byte");
    return kj::READY_NOW;
  }
  auto done = kj::newPromiseAndFulfiller<InjectReply>();
  const std::uint64_t id = next_id_++;
  injects_.emplace(id, kj::mv(done.fulfiller));
  lab_.inject(std::move(request), [this, mailbox = mailbox_, id](InjectReply reply) {
    mailbox->post([this, id, reply = std::move(reply)] { finish_inject(id, reply); });
  });
  return done.promise.then([context](InjectReply reply) mutable {
    auto results = context.getResults();
    tell_result(results, reply.last);
    auto commands = results.initCommands(static_cast<unsigned>(reply.commands.size()));
    for (unsigned i = 0; i < commands.size(); ++i) commands.set(i, reply.commands[i].value);
  });
}

void LabService::finish_inject(std::uint64_t id, InjectReply reply) { fulfil(injects_, id, std::move(reply)); }

kj::Promise<void> LabService::exec(ExecContext context) {
  const auto params = context.getParams();
  const std::string node = from_capnp(params.getNode());
  std::vector<std::string> argv = from_capnp(params.getArgv());
  const Origin by = from_capnp(params.getBy());
  const std::uint64_t token = new_exec_token();
  ExecObserver observer = relay_to(params.getObserver(), token);
  context.getResults().setExec(kj::heap<RunningExecServer>(lab_, token));
  if (argv.empty()) {
    observer.done(127, "there is no program to run");
  } else if (holds_zero_byte(argv) || holds_zero_byte({node, by.text()})) {
    observer.done(127, "an argument holds a zero byte");
  } else if (by.is_recorders_own()) {
    observer.done(127, not_yours(by).error);
  } else {
    lab_.exec(node, std::move(argv), by, std::move(observer));
  }
  return kj::READY_NOW;
}

kj::Promise<void> LabService::connect(ConnectContext context) {
  const auto params = context.getParams();
  ConsoleRequest request{from_capnp(params.getNode()), from_capnp(params.getArgv()), params.getRows(),
                         params.getColumns(), from_capnp(params.getBy())};
  const std::uint64_t token = new_exec_token();
  ExecObserver observer = relay_to(params.getObserver(), token);
  context.getResults().setConsole(kj::heap<ConsoleServer>(lab_, token));
  if (holds_zero_byte(request.argv) || holds_zero_byte({request.node, request.by.text()})) {
    observer.done(127, "an argument holds a zero byte");
  } else if (request.by.is_recorders_own()) {
    observer.done(127, not_yours(request.by).error);
  } else {
    lab_.connect(std::move(request), std::move(observer));
  }
  return kj::READY_NOW;
}

// What an exec or a console shows goes to its client, over a feed that the lab's thread fills.
ExecObserver LabService::relay_to(rpc::ExecObserver::Client observer, std::uint64_t token) {
  const std::uint64_t id = next_id_++;
  auto feed = std::make_shared<ExecFeed>();
  relays_.emplace(id, kj::heap<Relay>(Relay{feed, kj::mv(observer)}));
  const auto wake_reader = [this, mailbox = mailbox_, id] { mailbox->post([this, id] { wake(id); }); };
  ExecObserver relayed;
  relayed.output = [feed, wake_reader](Stream stream, std::string_view bytes) {
    if (feed->put(stream, bytes)) wake_reader();
  };
  relayed.done = [feed, wake_reader](std::int32_t status, std::string error) {
    if (feed->finish(status, std::move(error))) wake_reader();
  };
  relayed.token = token;
  return relayed;
}

void LabService::wake(std::uint64_t id) {
  const auto found = relays_.find(id);
  if (found == relays_.end() || found->second->pumping) return;
  Relay& relay = *found->second;
  relay.pumping = true;
  relay.pump = pump(id, relay).eagerlyEvaluate([this, id](kj::Exception&&) {
    end_relay_later(id);  // the client is gone; the exec goes on, and is recorded
  });
}

// One message at a time is handed to the stream's window, so a slow client fills the feed, not this process's memory.
kj::Promise<void> LabService::pump(std::uint64_t id, Relay& relay) {
  if (const auto chunk = relay.feed->take_chunk()) {
    auto request = relay.observer.outputRequest();
    request.setStream(static_cast<std::uint8_t>(chunk->stream));
    request.setBytes(as_data(chunk->bytes));
    request.setLostBytes(chunk->lost_bytes);
    return request.send().then([this, id, &relay] { return pump(id, relay); });
  }
  if (const auto end = relay.feed->take_end()) {
    auto request = relay.observer.doneRequest();
    request.setStatus(end->status);
    request.setError(to_capnp(end->error));
    request.setLostBytes(end->lost_bytes);
    return request.send().ignoreResult().then([this, id] { end_relay_later(id); });
  }
  relay.pumping = false;
  return kj::READY_NOW;
}

// Later, because a promise must not be destroyed by its own continuation.
void LabService::end_relay_later(std::uint64_t id) {
  mailbox_->post([this, id] {
    const auto found = relays_.find(id);
    if (found == relays_.end()) return;
    found->second->feed->close();
    relays_.erase(found);
  });
}

kj::Promise<void> LabService::stop(StopContext context) {
  context.allowCancellation();
  auto done = kj::newPromiseAndFulfiller<void>();
  const std::uint64_t id = next_id_++;
  stops_.emplace(id, kj::mv(done.fulfiller));
  lab_.stop(from_capnp(context.getParams().getBy()),
            [this, mailbox = mailbox_, id] { mailbox->post([this, id] { finish_stop(id); }); });
  return kj::mv(done.promise);
}

void LabService::finish_stop(std::uint64_t id) { fulfil(stops_, id); }

kj::Promise<void> LabService::status(StatusContext context) {
  fill(context.getResults().initStatus(), lab_.status());
  return kj::READY_NOW;
}

kj::Promise<void> LabService::pages(PagesContext context) {
  const auto params = context.getParams();
  const auto pages = lab_.pages_from(params.getFirst(), std::min(params.getMaxBytes(), kPagesBytesMax));
  auto list = context.getResults().initPages(static_cast<unsigned>(pages.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, as_data(pages[i]));
  return kj::READY_NOW;
}

kj::Promise<void> LabService::notes(NotesContext context) {
  const auto notes = lab_.notes_so_far();
  const std::uint64_t first = std::min<std::uint64_t>(context.getParams().getFirst(), notes.size());
  std::uint64_t end = first;
  for (std::uint64_t bytes = 0; end < notes.size() && bytes < kNotesBytesMax; ++end) {
    bytes += notes[end].kind.size() + notes[end].detail.size() + 64;
  }
  auto results = context.getResults();
  auto list = results.initNotes(static_cast<unsigned>(end - first));
  for (unsigned i = 0; i < list.size(); ++i) {
    const HostNote& note = notes[first + i];
    list[i].setAfter(note.after.value);
    list[i].setKind(to_capnp(note.kind));
    list[i].setDetail(to_capnp(note.detail));
  }
  results.setMore(end < notes.size());
  return kj::READY_NOW;
}

kj::Promise<void> LabService::follow(FollowContext context) {
  context.getResults().setFollowing(followers_.add(context.getParams().getFollower()));
  return kj::READY_NOW;
}

}  // namespace labreel
