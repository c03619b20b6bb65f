// A lab that is followed: what is new is pushed, never faster than the clock or the client, and the lab waits for nobody.
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/io.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "recorder/control/control.capnp.h"
#include "recorder/control/quiet_kj.h"
#include "tests/recorder/control/older_recorder.h"
#include "tests/recorder/control/served.h"

using namespace labreel;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

// A lab's thread in which something happens as fast as it can.
class Flood {
 public:
  explicit Flood(FakeLab& lab)
      : thread_([this, &lab] {
          while (!over_) {
            const auto before = Clock::now();
            for (int i = 0; i < 1000; ++i) lab.happen();
            longest_ = std::max(longest_, Clock::now() - before);
          }
        }) {}
  ~Flood() { stop(); }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;
  // Returns the longest time that a thousand events took.
  Clock::duration stop() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
    return longest_;
  }

 private:
  std::atomic<bool> over_{false};
  Clock::duration longest_{};
  std::thread thread_;  // the last member: it uses the others
};

// A client that never answers what it is told: a thread of its own, which has its own event loop.
class SilentFollower {
 public:
  explicit SilentFollower(const Served& served) : thread_([this, path = served.server->socket_path()] { run(path); }) {
    while (!follows_) std::this_thread::sleep_for(1ms);
  }
  ~SilentFollower() {
    over_ = true;
    thread_.join();
  }
  SilentFollower(const SilentFollower&) = delete;
  SilentFollower& operator=(const SilentFollower&) = delete;
  int told() const { return told_; }
  // Says whether the lab still has the means to tell it something.
  bool is_held() const { return held_; }
  // Follows no longer, and stays connected.
  void drop() {
    drops_ = true;
    while (follows_) std::this_thread::sleep_for(1ms);
  }

 private:
  class Server final : public rpc::Follower::Server {
   public:
    Server(std::atomic<int>& told, std::atomic<bool>& held) : told_(told), held_(held) { held_ = true; }
    ~Server() noexcept(false) { held_ = false; }

   protected:
    kj::Promise<void> told(ToldContext context) override {
      context.allowCancellation();
      ++told_;
      return kj::NEVER_DONE;
    }

   private:
    std::atomic<int>& told_;
    std::atomic<bool>& held_;
  };

  void run(const std::string& path) {
    const QuietKj quiet;
    auto io = kj::setupAsyncIo();
    auto stream = io.lowLevelProvider->wrapSocketFd(kj::AutoCloseFd(connect_to_socket(path).fd.release()));
    capnp::TwoPartyClient client(*stream);
    auto request = client.bootstrap().castAs<rpc::Lab>().followRequest();
    request.setFollower(kj::heap<Server>(told_, held_));
    std::optional<rpc::Following::Client> following = request.send().wait(io.waitScope).getFollowing();
    follows_ = true;
    while (!over_) {
      io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
      if (!drops_ || !following) continue;
      following.reset();
      follows_ = false;
    }
  }

  std::atomic<int> told_{0};
  std::atomic<bool> follows_{false}, held_{false}, drops_{false}, over_{false};
  std::thread thread_;  // the last member: it uses the others
};

// Follows, and takes what is told first.
ControlClient following(const Served& served) {
  ControlClient client = served.client();
  REQUIRE(client.follow().value());
  REQUIRE(client.wait_for_news(5s).value());
  return client;
}

template <class Condition>
bool becomes_true(Condition condition) {
  const auto until = Clock::now() + 5s;
  while (!condition() && Clock::now() < until) std::this_thread::sleep_for(1ms);
  return condition();
}

}  // namespace

TEST_CASE("who follows a lab is told at once how it stands, and again when something has happened", "[control]") {
  Served served;
  auto client = served.client();
  REQUIRE(client.follow().value());
  const auto first = client.wait_for_news(5s).value();
  REQUIRE(first);
  CHECK(first->events == 7);
  CHECK(first->state == "running");
  CHECK(first->reel == "/tmp/fake.reel");
  CHECK_FALSE(client.wait_for_news(150ms).value());
  served.lab.happen();
  const auto second = client.wait_for_news(5s).value();
  REQUIRE(second);
  CHECK(second->events == 8);
}

TEST_CASE("a lab in which nothing happens is asked for news once, and tells none", "[control]") {
  Served served;
  auto one = following(served);
  auto other = following(served);
  CHECK_FALSE(one.wait_for_news(300ms).value());
  CHECK_FALSE(other.wait_for_news(1ms).value());
  CHECK(served.lab.follows() == 1);
  CHECK(served.lab.told_news() == 0);
}

TEST_CASE("a flood is told ten times a second, the newest each time", "[control]") {
  Served served;
  auto client = served.client();
  Flood flood(served.lab);
  const auto begun = Clock::now();
  REQUIRE(client.follow().value());
  std::uint64_t known = 0;
  int told = 0;
  while (Clock::now() - begun < 1s) {
    const auto news = client.wait_for_news(100ms).value();
    if (!news) continue;
    ++told;
    CHECK(news->events > known);
    known = news->events;
  }
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun).count() / 100;
  CHECK(told <= tenths + 1);
  CHECK(told >= 3);
  CHECK(served.lab.follows() <= static_cast<std::uint64_t>(tenths) + 1);
}

TEST_CASE("a client that comes back late is told how the lab stands then, not what it missed", "[control]") {
  Served served;
  auto client = following(served);
  for (int i = 0; i < 5; ++i) {
    served.lab.happen();
    std::this_thread::sleep_for(120ms);
  }
  // One may have been on its way when the client looked away: if its answer to the one before had left by then.
  auto told = client.wait_for_news(5s).value();
  REQUIRE(told);
  CHECK(told->events >= 8);
  if (told->events < 12) told = client.wait_for_news(5s).value();
  REQUIRE(told);
  CHECK(told->events == 12);
  CHECK_FALSE(client.wait_for_news(150ms).value());
}

TEST_CASE("a client that never answers is told one thing, and holds up neither the lab nor other clients", "[control]") {
  Served served;
  SilentFollower silent(served);
  REQUIRE(becomes_true([&] { return silent.told() == 1; }));
  Flood flood(served.lab);
  auto client = following(served);
  int told = 0;
  for (const auto begun = Clock::now(); Clock::now() - begun < 600ms;) told += client.wait_for_news(100ms).value() ? 1 : 0;
  CHECK(told >= 2);
  CHECK(silent.told() == 1);
  CHECK(flood.stop() < 1s);
  const auto asked = served.lab.follows();
  CHECK(asked <= 8);  // for the client that answers; what waits for the silent one does not grow
  const auto begun = Clock::now();
  served.lab.end();
  served.server.reset();
  CHECK(Clock::now() - begun < 800ms);  // less than a drain that waits for an answer
}

TEST_CASE("a client that leaves in the middle leaves nothing", "[control]") {
  Served served;
  SECTION("while the lab waits for its answer") {
    SilentFollower silent(served);
    REQUIRE(becomes_true([&] { return silent.told() == 1; }));
  }
  SECTION("while it waits for news") {
    auto client = following(served);
    REQUIRE(becomes_true([&] { return served.lab.follows() == 1; }));
  }
  SECTION("between two") {
    following(served);
  }
  SECTION("with its connection kept") {
    SilentFollower silent(served);
    REQUIRE(silent.is_held());
    silent.drop();
    CHECK(becomes_true([&] { return !silent.is_held(); }));
  }
  std::this_thread::sleep_for(250ms);
  served.lab.happen();  // whoever was still held for it would ask again
  std::this_thread::sleep_for(250ms);
  CHECK(served.lab.follows() == served.lab.told_news());
  CHECK(served.lab.follows() <= 1);
  CHECK(served.client().status());
}

TEST_CASE("followers that come and go while nothing happens are not kept", "[control]") {
  Served served;
  for (int i = 0; i < 50; ++i) following(served);
  auto last = following(served);
  served.lab.happen();
  CHECK(last.wait_for_news(5s).value());
  CHECK(served.lab.follows() <= 2);
}

TEST_CASE("the lab's end is told, also to who was told something just before", "[control]") {
  Served served;
  auto client = served.client();
  REQUIRE(client.follow().value());
  bool just_before = GENERATE(true, false);
  CAPTURE(just_before);
  REQUIRE(client.wait_for_news(5s).value());
  if (!just_before) CHECK_FALSE(client.wait_for_news(150ms).value());
  std::thread lab([&] {
    served.lab.end();
    served.server.reset();
  });
  const auto end = client.wait_for_news(5s);
  lab.join();
  REQUIRE(end);
  REQUIRE(*end);
  CHECK((*end)->state == kEndedState);
  const auto after = client.wait_for_news(5s);
  REQUIRE_FALSE(after);
  CHECK(after.error().what == "the lab ended");
}

TEST_CASE("a lab that goes away without a word is noticed at once", "[control]") {
  Served served;
  auto client = following(served);
  served.server.reset();
  const auto begun = Clock::now();
  const auto news = client.wait_for_news(30s);
  REQUIRE_FALSE(news);
  CHECK(news.error().what == "the lab ended");
  CHECK(Clock::now() - begun < 5s);
}

TEST_CASE("a recorder that knows no followers says so, and goes on", "[control]") {
  const OlderRecorder older;
  auto client = older.client();
  const auto known = client.follow();
  REQUIRE(known);
  CHECK_FALSE(*known);
  CHECK(client.status().value().lab == "older");
}
