// Fuzz target: any bytes from a client of the control socket, through the real service into the real commands of a lab
// without a host. Only the client's own connection may suffer; every command is answered once, and recorded with its
// end.
#include <kj/async-io.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "engine/core/check.h"
#include "recorder/control/client_connection.h"
#include "recorder/control/lab_service.h"
#include "recorder/control/mailbox.h"
#include "recorder/control/quiet_kj.h"
#include "tests/recorder/session/fakes.h"

namespace labreel {
namespace {

constexpr const char* kLab =
    "name: fuzzed\ntopology:\n  nodes: {h1: , h2: , h3: }\n  links:\n    - endpoints: [\"h1:eth0\", \"h2:eth0\"]\n"
    "  lans:\n    office: {ports: [\"h2:eth1\", \"h3:eth0\"]}\n";
constexpr int kTurnsMax = 100'000;
constexpr std::uint64_t kHeardBytesMax = 64 << 20;

// A lab that answers in the thread that asks.
class LabHere final : public LabControl {
 public:
  explicit LabHere(test::FakeLab& lab) : lab_(lab) {}

  void submit(CommandRequest request, std::function<void(CommandReply)> done) override {
    ++submitted_;
    lab_.commands.submit(request, Seq{}, [this, done = std::move(done)](CommandReply reply) {
      ++answered_;
      LABREEL_CHECK(reply.ok == reply.error.empty());
      done(std::move(reply));
    });
  }
  void inject(InjectRequest request, std::function<void(InjectReply)> done) override {
    InjectReply reply = lab_.commands.inject(request);
    // All of them, or up to the one that was refused.
    LABREEL_CHECK(reply.last.ok ? reply.commands.size() == request.frames.size() : !reply.commands.empty());
    done(std::move(reply));
  }
  void exec(std::string node, std::vector<std::string> argv, Origin by, ExecObserver observer) override {
    lab_.commands.exec(node, argv, by, Seq{}, std::move(observer));
  }
  void cancel_exec(std::uint64_t token) override { lab_.execs.cancel(token); }
  void stop(Origin, std::function<void()> done) override { done(); }
  LabStatus status() override { return {"fuzzed", "/f.reel", "/f.yml", 1, lab_.loop.now().ns, 2, 3, 3, "running"}; }
  // Nothing is ever new here.
  void follow(const LabStatus& known, std::function<void()> news) override {
    if (known.events != 2) news();
  }
  std::vector<std::string> pages_from(std::uint64_t first, std::size_t) override {
    return first == 0 ? std::vector<std::string>{"a page", "another"} : std::vector<std::string>{};
  }
  std::vector<HostNote> notes_so_far() override { return {{Seq{1}, "host", "{}"}}; }

  bool all_answered() const { return submitted_ == answered_; }

 private:
  test::FakeLab& lab_;
  std::uint64_t submitted_ = 0;
  std::uint64_t answered_ = 0;
};

// Every command has one end, after it.
void check_record(const std::vector<Event>& events) {
  std::map<Seq, int> ends;
  for (const Event& event : events) {
    if (std::holds_alternative<Command>(event.body)) ends[event.seq] = 0;
    if (std::holds_alternative<CommandDone>(event.body)) ++ends.at(event.cause);
  }
  for (const auto& [command, count] : ends) LABREEL_CHECK(count == 1);
}

void converse(kj::ArrayPtr<const kj::byte> from_client) {
  const QuietKj quiet;
  kj::EventLoop events;
  kj::WaitScope scope(events);
  test::FakeLab lab(kLab);
  lab.start();
  LabHere control(lab);
  const auto mailbox = std::make_shared<Mailbox>();
  kj::TimerImpl timer(kj::origin<kj::TimePoint>());
  {
    capnp::Capability::Client service = kj::heap<LabService>(control, mailbox, timer);
    auto pipe = kj::newTwoWayPipe();
    ClientConnection connection(kj::mv(pipe.ends[0]), service);
    kj::AsyncIoStream& client = *pipe.ends[1];
    const auto no_matter = [](kj::Exception&&) {};  // it refused us
    const auto heard = client.readAllBytes(kHeardBytesMax).ignoreResult().eagerlyEvaluate(no_matter);
    const auto said = client.write(from_client.begin(), from_client.size())
                          .then([&client] { client.shutdownWrite(); })
                          .eagerlyEvaluate(no_matter);
    int turns = 0;
    for (bool busy = true; busy; ++turns) {
      LABREEL_CHECK(turns < kTurnsMax);
      scope.poll();
      busy = mailbox->run();
      timer.advanceTo(kj::origin<kj::TimePoint>() + turns * kj::SECONDS);
      if (!lab.loop.is_idle()) {
        lab.loop.turn();
        busy = true;
      }
    }
  }
  LABREEL_CHECK(control.all_answered());
  check_record(lab.events());
}

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  labreel::converse({data, size});
  return 0;
}
