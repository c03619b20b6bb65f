// connect: a real terminal on a node, and every byte of it in the reel.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/cli/reel_events.h"

namespace labreel::test {

TEST_CASE("connect is a terminal of the node: keys, size and what is shown are real, and recorded", "[cli]") {
  const TestFolder folder;
  folder.write("desk.yml", two_hosts("desk"));
  REQUIRE(labreel({"run", "--detach", "desk.yml"}, folder.path()).status == 0);
  {
    TerminalProgram terminal{{labreel_binary(), "connect", "h1"}, folder.path()};
    REQUIRE(terminal.shows("connected to h1"));
    INFO(terminal.screen());
    terminal.type("stty size; hostname\r");
    CHECK(terminal.shows("24 80"));
    CHECK(terminal.shows("h1"));
    CHECK(terminal.is_raw());
    terminal.resize(40, 100);
    terminal.type("sleep 0.3; stty size\r");
    CHECK(terminal.shows("40 100"));
    terminal.type("sleep 1000\r");
    CHECK(terminal.shows("sleep 1000"));
    terminal.type("\x03");  // Ctrl-C is the node's, not ours
    terminal.type("echo still $((40 + 2))\r");
    CHECK(terminal.shows("still 42"));
    terminal.type("exit 3\r");
    CHECK(terminal.wait() == 3);
    CHECK_FALSE(terminal.is_raw());
  }
  REQUIRE(labreel({"stop"}).status == 0);

  const auto events = events_of(folder / "desk.reel");
  std::uint64_t command = 0;
  std::string typed, shown;
  bool resized = false, done = false;
  for (const Json& event : events) {
    const std::string kind = event.at("kind");
    if (kind == "command" && event.at("verb") == "connect") command = event.at("seq");
    if (kind == "command" && event.at("verb") == "connect.resize") {
      resized = event.at("arguments") == Json::array({"h1", "40", "100"}) && event.at("cause") == command;
    }
    if (kind == "command.done" && event.at("cause") == command) done = event.at("ok");
    if (kind != "console") continue;
    CHECK(event.at("cause") == command);
    (event.at("input").get<bool>() ? typed : shown) += event.value("text", "");
  }
  CHECK(typed.starts_with("stty size; hostname\r"));
  CHECK(typed.ends_with("exit 3\r"));
  CHECK(shown.find("still 42") != std::string::npos);
  CHECK(resized);
  CHECK(done);
  CHECK(labreel({"verify", folder / "desk.reel"}).status == 0);
}

TEST_CASE("the key to leave a console hangs its program up and gives the terminal back", "[cli]") {
  const TestFolder folder;
  folder.write("desk.yml", two_hosts("desk"));
  REQUIRE(labreel({"run", "--detach", "desk.yml"}, folder.path()).status == 0);
  TerminalProgram terminal{{labreel_binary(), "connect", "h2", "--", "sh", "-c", "echo here; exec sleep 1013"},
                           folder.path()};
  REQUIRE(terminal.shows("here"));
  CHECK(labreel({"exec", "h2", "--", "pgrep", "-x", "sleep"}).status == 0);
  terminal.type("\x1d");
  CHECK(terminal.wait() == 0);
  CHECK_FALSE(terminal.is_raw());
  int sleeps = 0;
  for (int i = 0; i < 50 && sleeps == 0; ++i) {
    sleeps = labreel({"exec", "h2", "--", "pgrep", "-x", "sleep"}).status;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  CHECK(sleeps == 1);  // pgrep found none
  CHECK(labreel({"stop"}).status == 0);
}

TEST_CASE("a console that cannot be had is explained", "[cli]") {
  const TestFolder folder;
  folder.write("desk.yml", two_hosts("desk"));
  REQUIRE(labreel({"run", "--detach", "desk.yml"}, folder.path()).status == 0);
  const auto no_terminal = labreel({"connect", "h1"});
  CHECK(no_terminal.status == 2);
  CHECK(no_terminal.err.find("labreel exec h1") != std::string::npos);
  TerminalProgram typo{{labreel_binary(), "connect", "h3"}, folder.path()};
  CHECK(typo.wait() == 5);
  CHECK(typo.screen().find("no node h3") != std::string::npos);
  CHECK_FALSE(typo.is_raw());
  TerminalProgram cut{{labreel_binary(), "connect", "h1"}, folder.path()};
  REQUIRE(cut.shows("connected"));
  CHECK(labreel({"node", "stop", "h1"}).status == 0);
  CHECK(cut.wait() != 0);
  REQUIRE(labreel({"stop"}).status == 0);
}

TEST_CASE("a node that is added live may have any name that a lab file may give it", "[cli]") {
  const TestFolder folder;
  folder.write("grow.yml", two_hosts("grow"));
  REQUIRE(labreel({"run", "--detach", "grow.yml"}, folder.path()).status == 0);
  CHECK(labreel({"node", "add", "h_3"}).status == 0);
  CHECK(labreel({"link", "add", "h_3:eth0", "h1:uplink-1"}).status == 0);
  CHECK(labreel({"exec", "h_3", "--", "ip", "link", "show", "eth0"}).status == 0);
  for (const char* const name : {"h 4", "", "_h", "h:4", "h/4"}) {
    const auto refused = labreel({"node", "add", name});
    INFO(name);
    CHECK(refused.status == 2);
  }
  CHECK(labreel({"link", "add", "h1:a/b", "h2:eth7"}).status == 2);
  CHECK(labreel({"stop"}).status == 0);
}

}  // namespace labreel::test
