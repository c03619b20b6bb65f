// Commands, status, pages and notes through the socket; many clients; the server's end.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>

#include "tests/recorder/control/served.h"

using namespace labreel;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

}  // namespace

TEST_CASE("a command reaches the lab as it was given, and its answer comes back", "[control]") {
  Served served;
  auto client = served.client();
  const auto reply = client.command("mark", {"adjacency", "", "caf\xc3\xa9 \xff\n"}, "page");
  REQUIRE(reply);
  CHECK(reply->ok);
  CHECK(reply->error.empty());
  CHECK(reply->command == Seq{1});
  const auto commands = served.lab.commands();
  REQUIRE(commands.size() == 1);
  CHECK(commands[0].verb == "mark");
  CHECK(commands[0].arguments == std::vector<std::string>{"adjacency", "", "caf\xc3\xa9 \xff\n"});
  CHECK(commands[0].by == "page");
}

TEST_CASE("a command that the lab refuses is an answer with its reason", "[control]") {
  Served served;
  auto client = served.client();
  const auto reply = client.command("link.dwon", {"r1:eth1"});
  REQUIRE(reply);
  CHECK_FALSE(reply->ok);
  CHECK(reply->error == "no command link.dwon");
  CHECK(reply->command == Seq{1});
}

TEST_CASE("an argument with a zero byte is refused before the lab sees it", "[control]") {
  Served served;
  auto client = served.client();
  const auto reply = client.command("mark", {std::string("a\0b", 3)});
  REQUIRE(reply);
  CHECK_FALSE(reply->ok);
  CHECK(reply->error == "an argument holds a zero byte");
  CHECK(served.lab.commands().empty());
}

TEST_CASE("frames for a port reach the lab in one call, with any bytes, and each one's command comes back", "[control]") {
  Served served;
  auto client = served.client();
  const std::string zeros(14, '\0');
  const auto reply = client.inject("h2:eth0", {{"h1:eth0", zeros}, {"caf\xc3\xa9", every_byte()}, {"", ""}});
  REQUIRE(reply);
  CHECK(reply->last.ok);
  CHECK(reply->commands == std::vector{Seq{100}, Seq{101}, Seq{102}});
  const auto injects = served.lab.injects();
  REQUIRE(injects.size() == 1);
  CHECK(injects[0].port == "h2:eth0");
  CHECK(injects[0].by == "cli");
  REQUIRE(injects[0].frames.size() == 3);
  CHECK(injects[0].frames[0].from == "h1:eth0");
  CHECK(injects[0].frames[0].bytes == zeros);
  CHECK(injects[0].frames[1].from == "caf\xc3\xa9");
  CHECK((injects[0].frames[1].bytes == every_byte()));
  CHECK(injects[0].frames[2].bytes.empty());
  const auto none = client.inject("h2:eth0", {});
  REQUIRE(none);
  CHECK(none->last.ok);
  CHECK(none->commands.empty());
}

TEST_CASE("a frame that the lab refuses is an answer with its reason, and the place of the frame", "[control]") {
  Served served;
  auto client = served.client();
  const auto reply = client.inject("h2:eth0", {{"h1:eth0", "one"}, {"h1:eth0", "refuse me"}, {"h1:eth0", "three"}});
  REQUIRE(reply);
  CHECK_FALSE(reply->last.ok);
  CHECK(reply->last.error == "refused");
  CHECK(reply->last.command == Seq{101});
  CHECK(reply->commands == std::vector{Seq{100}, Seq{101}});
}

TEST_CASE("frames beyond one message, or from a name with a zero byte, do not reach the lab", "[control]") {
  Served served;
  auto client = served.client();
  const auto too_many = client.inject("h2:eth0", {33, {"h1:eth0", std::string(32 << 10, 'x')}});
  REQUIRE_FALSE(too_many);
  CHECK(too_many.error().kind == ErrorKind::usage);
  const auto zero = client.inject("h2:eth0", {{"h1:eth0", "one"}, {std::string("h\0001", 3), "two"}});
  REQUIRE(zero);
  CHECK_FALSE(zero->last.ok);
  CHECK(zero->last.error == "a name holds a zero byte");
  CHECK(zero->commands.empty());
  CHECK(served.lab.injects().empty());
}

TEST_CASE("nobody commands in the recorder's own name through the socket", "[control]") {
  Served served;
  auto client = served.client();
  for (const char* const own : {"run", "scenario", "branch", "run:page", "scenario:", "branch:x"}) {
    CAPTURE(own);
    const auto command = client.command("mark", {"here"}, own);
    REQUIRE(command);
    CHECK_FALSE(command->ok);
    CHECK(command->error == "only the recorder itself gives commands as `" + std::string(own) + "`");
    CHECK(command->kind == ErrorKind::usage);
    const auto injected = client.inject("h2:eth0", {{"h1:eth0", "one"}}, own);
    REQUIRE(injected);
    CHECK_FALSE(injected->last.ok);
    CHECK(injected->last.error == command->error);
    CHECK(injected->commands.empty());
    const auto nothing = [](Stream, std::string_view) { return true; };
    const auto exec = client.exec("r1", {"exit", "0"}, nothing, own);
    CHECK((!exec && exec.error().what == command->error));
  }
  CHECK(served.lab.commands().empty());
  CHECK(served.lab.injects().empty());
  for (const char* const typed : {"cli", "page:anna", "runs", "robot", ""}) CHECK(client.command("mark", {"here"}, typed)->ok);
  CHECK(served.lab.commands().size() == 5);
}

TEST_CASE("status comes back whole", "[control]") {
  Served served;
  auto client = served.client();
  const auto status = client.status();
  REQUIRE(status);
  CHECK(status->lab == "fake");
  CHECK(status->reel == "/tmp/fake.reel");
  CHECK(status->lab_file == "/tmp/fake.yaml");
  CHECK(status->pid == ::getpid());
  CHECK(status->time_ns == 12'500'000'000);
  CHECK(status->events == 7);
  CHECK(status->frames == 3);
  CHECK(status->nodes == 2);
  CHECK(status->state == "running");
}

TEST_CASE("pages carry any bytes, from the page asked for, as many as asked for", "[control]") {
  Served served;
  for (int i = 0; i < 40; ++i) {
    std::string page;
    while (page.size() < (1 << 20)) page += every_byte();
    page[0] = static_cast<char>(i);
    served.lab.pages.push_back(page);
  }
  auto client = served.client();
  const auto some = client.pages(2, 3 << 20);
  INFO((some ? "" : some.error().what));
  REQUIRE(some);
  REQUIRE(some->size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(((*some)[i] == served.lab.pages[i + 2]));

  std::vector<std::string> all;
  for (;;) {
    auto next = client.pages(all.size(), ~std::uint64_t{0});
    REQUIRE(next);
    if (next->empty()) break;
    CHECK(next->size() <= 16);  // never a message without a limit
    for (auto& page : *next) all.push_back(std::move(page));
  }
  CHECK((all == served.lab.pages));
}

TEST_CASE("notes come back in order, more of them than one message holds", "[control]") {
  Served served;
  for (std::uint64_t i = 0; i < 30'000; ++i) {
    served.lab.notes.push_back(HostNote{Seq{i}, "stall", "{\"from\":" + std::to_string(i) + std::string(200, ' ') + "}"});
  }
  auto client = served.client();
  const auto notes = client.notes(64 << 20);
  REQUIRE(notes);
  CHECK((*notes == served.lab.notes));
}

TEST_CASE("a thread can have several clients", "[control]") {
  Served served;
  auto first = served.client();
  auto second = served.client();
  CHECK(first.status());
  CHECK(second.status());
  first = std::move(second);
  CHECK(first.status());
}

TEST_CASE("eight clients at once each get their own answers", "[control]") {
  Served served;
  std::vector<std::future<int>> clients;
  for (int number = 0; number < 8; ++number) {
    clients.push_back(std::async(std::launch::async, [&served, number] {
      auto client = served.client();
      int right = 0;
      for (int i = 0; i < 50; ++i) {
        const std::string verb = "verb" + std::to_string(number) + "." + std::to_string(i);
        const auto reply = client.command(verb, {});
        right += reply && reply->error == "no command " + verb;
        std::string heard;
        const auto ended = client.exec("r1", {"say", verb}, [&](Stream, std::string_view bytes) {
          heard += bytes;
          return true;
        });
        right += ended && heard == verb;
      }
      return right;
    }));
  }
  for (auto& client : clients) CHECK(client.get() == 100);
}

TEST_CASE("stop answers when the lab has ended, also if the server is destroyed right then", "[control]") {
  for (int i = 0; i < 20; ++i) {
    Served served;
    std::promise<void> stopping;
    served.lab.on_stop = [&] { stopping.set_value(); };
    auto stopped = std::async(std::launch::async, [&] { return served.client().stop(); });
    stopping.get_future().wait();
    // The recorder does the same: done() is called, then the server goes. FakeLab calls done() after on_stop, so
    // a task behind it says when that has happened.
    std::promise<void> done;
    served.lab.submit({"mark", {}, "cli"}, [&](const CommandReply&) { done.set_value(); });
    done.get_future().wait();
    served.server.reset();
    const auto answer = stopped.get();
    CHECK(answer.ok());
  }
}

TEST_CASE("the server goes while clients wait: each is told that the lab ended, and nobody hangs", "[control]") {
  Served served;
  const std::string socket = served.server->socket_path();
  std::atomic<int> connected = 0;
  std::vector<std::future<std::string>> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] {
      auto client = served.client();
      ++connected;
      const auto reply = client.command("never.answered", {});
      if (reply) return std::string("answered");
      const auto again = client.status();
      return again ? std::string("still there") : reply.error().what + ", " + again.error().what;
    }));
    waiting.push_back(std::async(std::launch::async, [&] {
      auto client = served.client();
      ++connected;
      const auto ended = client.exec("r1", {"hang"}, [](Stream, std::string_view) { return true; });
      const auto again = client.command("mark", {});
      if (ended || again) return std::string("answered");
      return ended.error().what + ", " + again.error().what;
    }));
  }
  auto idle = served.client();
  REQUIRE(served.lab.wait_for_execs(4));
  while (served.lab.commands().size() < 4) std::this_thread::sleep_for(1ms);
  const auto begun = Clock::now();
  served.server.reset();
  CHECK(Clock::now() - begun < 5s);
  for (auto& client : waiting) CHECK(client.get() == "the lab ended, the lab ended");
  CHECK_FALSE(idle.status());
  CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_CASE("a lab may call back after its server has gone", "[control]") {
  Served served;
  auto caller = std::async(std::launch::async, [&] {
    auto client = served.client();
    return client.exec("r1", {"chatter"}, [](Stream, std::string_view) { return true; }).ok();
  });
  REQUIRE(served.lab.wait_for_execs(1));
  served.server.reset();
  CHECK_FALSE(caller.get());
  const auto lines = served.lab.chatter_lines();
  while (served.lab.chatter_lines() < lines + 3) std::this_thread::sleep_for(1ms);
}

TEST_CASE("connecting where no lab is says so", "[control]") {
  RunFolder folder;
  const auto client = ControlClient::connect(folder.path() + "/none.sock");
  REQUIRE_FALSE(client);
  CHECK(client.error().kind == ErrorKind::lab);
  CHECK(client.error().what == "no lab answers here: it has ended");
}
