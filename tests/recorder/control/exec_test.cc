// Programs run in a node through the socket: output, ends, cancelling, clients that vanish or are slow.
#include <pthread.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>

#include "tests/recorder/control/served.h"

using namespace labreel;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

// What an exec printed, a stream each.
struct Heard {
  std::string out, err;
  ExecOutputReader reader() {
    return [this](Stream stream, std::string_view bytes) {
      (stream == Stream::stdout_stream ? out : err) += bytes;
      return true;
    };
  }
};

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

}  // namespace

TEST_CASE("an exec's output and status come back, a stream each", "[control]") {
  Served served;
  auto client = served.client();
  Heard said;
  const auto ended = client.exec("r1", {"say", std::string("a\xff\n")}, said.reader());
  REQUIRE(ended);
  CHECK(ended->status == 0);
  CHECK(ended->lost_bytes == 0);
  CHECK(ended->interrupted_by == 0);
  CHECK(said.out == "a\xff\n");
  CHECK(said.err.empty());

  Heard grumbled;
  const auto failed = client.exec("r1", {"grumble", "no route"}, grumbled.reader());
  REQUIRE(failed);
  CHECK(failed->status == 1);
  CHECK(grumbled.err == "no route");
  CHECK(grumbled.out.empty());

  const auto silent = client.exec("r1", {"exit", "143"}, grumbled.reader());
  REQUIRE(silent);
  CHECK(silent->status == 143);
}

TEST_CASE("a program that is not there is an error with its reason", "[control]") {
  Served served;
  auto client = served.client();
  Heard heard;
  const auto missing = client.exec("r1", {"pign"}, heard.reader());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::lab);
  CHECK(missing.error().what == "pign: not found");
  const auto nothing = client.exec("r1", {}, heard.reader());
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().what == "there is no program to run");
  const auto zero = client.exec("r1", {std::string("say\0x", 5)}, heard.reader());
  REQUIRE_FALSE(zero);
  CHECK(zero.error().what == "an argument holds a zero byte");
}

TEST_CASE("much output arrives whole and in order", "[control]") {
  Served served;
  auto client = served.client();
  std::uint64_t wrong = 0, total = 0;
  const auto ended = client.exec("r1", {"flood", "40"}, [&](Stream, std::string_view bytes) {
    for (const char byte : bytes) {
      wrong += byte != static_cast<char>(total % (1 << 20) + total / (1 << 20));
      ++total;
    }
    return true;
  });
  REQUIRE(ended);
  CHECK(total == 40U << 20U);
  CHECK(wrong == 0);
  CHECK(ended->lost_bytes == 0);
}

TEST_CASE("a client too slow for the output loses bytes, is told how many, and holds up nobody", "[control]") {
  Served served;
  auto client = served.client();
  std::uint64_t total = 0;
  bool slow = true;
  const auto ended = client.exec("r1", {"flood", "100"}, [&](Stream, std::string_view bytes) {
    if (std::exchange(slow, false)) {
      // While this one sleeps, another has its answers, and the lab's thread goes on.
      const bool answered = std::async(std::launch::async, [&] {
                              auto other = served.client();
                              const auto reply = other.command("mark", {"x"});
                              return reply.ok() && reply->ok;
                            }).get();
      CHECK(answered);
    }
    total += bytes.size();
    return true;
  });
  REQUIRE(ended);
  CHECK(total + ended->lost_bytes == 100U << 20U);
  CHECK(ended->lost_bytes > 0);
}

TEST_CASE("a client that vanishes ends no exec and disturbs nobody", "[control]") {
  Served served;
  {
    // Vanishes without a goodbye: a socket that is simply closed while output is on its way.
    std::promise<int> descriptor;
    auto vanishing = std::async(std::launch::async, [&] {
      auto client = served.client();
      bool first = true;
      return client
          .exec("r1", {"chatter"},
                [&](Stream, std::string_view) {
                  if (std::exchange(first, false)) {
                    // Every socket of this process that is connected to the server as this client is: shut it.
                    for (int fd = 3; fd < 256; ++fd) {
                      sockaddr_storage peer{};
                      socklen_t length = sizeof peer;
                      if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) == 0 &&
                          peer.ss_family == AF_UNIX) {
                        ::shutdown(fd, SHUT_RDWR);
                      }
                    }
                  }
                  return true;
                })
          .ok();
    });
    CHECK_FALSE(vanishing.get());
  }
  CHECK(served.lab.running_execs() == 1);
  const auto lines = served.lab.chatter_lines();
  while (served.lab.chatter_lines() < lines + 5) std::this_thread::sleep_for(1ms);
  auto newcomer = served.client();
  const auto reply = newcomer.command("mark", {});
  REQUIRE(reply);
  CHECK(reply->ok);
}

TEST_CASE("connections leave nothing behind", "[control]") {
  Served served;
  served.client().status().ok();
  std::this_thread::sleep_for(50ms);
  const auto before = open_descriptors();
  for (int i = 0; i < 100; ++i) CHECK(served.client().status());
  const auto until = Clock::now() + 5s;
  while (open_descriptors() > before && Clock::now() < until) std::this_thread::sleep_for(1ms);
  CHECK(open_descriptors() <= before);
}

TEST_CASE("Ctrl-C kills the program in the node and ends the exec", "[control]") {
  Served served;
  auto client = served.client();
  const auto me = ::pthread_self();
  std::thread hand([&] {
    served.lab.wait_for_execs(1);
    ::pthread_kill(me, SIGINT);
  });
  Heard heard;
  const auto ended = client.exec("r1", {"hang"}, heard.reader());
  hand.join();
  REQUIRE(ended);
  CHECK(ended->interrupted_by == SIGINT);
  CHECK(ended->status == 137);
  CHECK(served.lab.running_execs() == 0);
  // The client is still good for more.
  CHECK(client.exec("r1", {"exit", "0"}, heard.reader()));
}

TEST_CASE("a second Ctrl-C ends the waiting for a program that cannot be killed", "[control]") {
  Served served;
  auto client = served.client();
  const auto me = ::pthread_self();
  const auto begun = Clock::now();
  std::thread hand([&] {
    served.lab.wait_for_execs(1);
    ::pthread_kill(me, SIGINT);
    std::this_thread::sleep_for(100ms);
    ::pthread_kill(me, SIGINT);
  });
  Heard heard;
  const auto ended = client.exec("r1", {"stubborn"}, heard.reader());
  hand.join();
  REQUIRE(ended);
  CHECK(ended->interrupted_by == SIGINT);
  CHECK(Clock::now() - begun < 2500ms);
  CHECK(served.lab.running_execs() == 1);
  CHECK(client.status());
}

TEST_CASE("an ignored signal stays ignored during an exec", "[control]") {
  Served served;
  auto client = served.client();
  const auto before = std::signal(SIGINT, SIG_IGN);
  const auto me = ::pthread_self();
  std::thread hand([&] {
    served.lab.wait_for_execs(1);
    ::pthread_kill(me, SIGINT);
    std::this_thread::sleep_for(100ms);
    ::pthread_kill(me, SIGTERM);
  });
  Heard heard;
  const auto ended = client.exec("r1", {"hang"}, heard.reader());
  hand.join();
  std::signal(SIGINT, before);
  REQUIRE(ended);
  CHECK(ended->interrupted_by == SIGTERM);
}

TEST_CASE("when nobody reads the output any more, the program is killed", "[control]") {
  Served served;
  auto client = served.client();
  int pieces = 0;
  const auto ended = client.exec("r1", {"chatter"}, [&](Stream, std::string_view) { return ++pieces < 3; });
  REQUIRE(ended);
  CHECK(ended->interrupted_by == 0);
  CHECK(ended->status == 137);
  CHECK(pieces == 3);
  CHECK(served.lab.running_execs() == 0);
}
