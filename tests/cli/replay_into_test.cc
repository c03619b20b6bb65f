// labreel replay --into: what a host got in one recording, sent into the same host of a running lab.
#include <catch2/catch.hpp>
#include <algorithm>

#include "tests/cli/reel_events.h"

namespace labreel::test {

TEST_CASE("recorded frames go into a live node, which answers, and its reel says what was injected and why", "[cli]") {
  const TestFolder folder;
  folder.write("ask.yml", two_hosts("same") + "scenario:\n  - exec: {node: h1, run: \"ping -c 3 -i 0.2 10.0.0.2\"}\n");
  REQUIRE(labreel({"run", "ask.yml", "-o", "a.reel"}, folder.path()).status == 0);
  folder.write("live.yml", two_hosts("same"));
  BackgroundProgram run{{labreel_binary(), "run", "live.yml", "-o", "live.reel"}, folder.path()};
  REQUIRE(run.wait_for_err("the lab runs until"));

  const auto into = labreel({"replay", "a.reel", "--into", "h2:eth0", "--filter", "icmp or arp", "--lab", "same"}, folder.path());
  INFO(into.out << into.err);
  REQUIRE(into.status == 0);
  CHECK(into.err.find("inject level") != std::string::npos);
  CHECK(into.out.find("timing error") != std::string::npos);
  CHECK(into.out.find("p99") != std::string::npos);
  CHECK(into.err.find("another MAC address") == std::string::npos);
  const auto absent = labreel({"replay", "a.reel", "--into", "h9:eth0", "--lab", "same"}, folder.path());
  CHECK(absent.status == 2);
  REQUIRE(labreel({"stop", "same"}, folder.path()).status == 0);
  REQUIRE(run.wait().status == 0);

  const auto events = events_of(folder / "live.reel");
  std::size_t requests = 0;
  std::size_t replies = 0;
  for (const Json& event : events) {
    if (event["kind"] != "frame") continue;
    const auto summary = event["summary"].get<std::string>();
    if (summary.find("(ping) request 10.0.0.1") != std::string::npos) {
      ++requests;
      REQUIRE(event["cause"].is_number());
      const Json& command = events[event["cause"].get<std::size_t>() - 1];
      CHECK(command["verb"] == "inject");
      CHECK(command["arguments"][0] == "h2:eth0");
      CHECK(command["arguments"][1] == "h1:eth0");
    }
    if (summary.find("(ping) reply 10.0.0.2") != std::string::npos && event["port"] == "h2:eth0") ++replies;
  }
  CHECK(requests == 3);
  CHECK(replies == 3);
  CHECK(labreel({"verify", "live.reel"}, folder.path()).status == 0);
}

TEST_CASE("frames for a MAC address that the live port does not have are sent, and said to be for another", "[cli]") {
  const TestFolder folder;
  folder.write("ask.yml", two_hosts("ask") + "scenario:\n  - exec: {node: h1, run: \"ping -c 1 10.0.0.2\"}\n");
  REQUIRE(labreel({"run", "ask.yml", "-o", "a.reel"}, folder.path()).status == 0);
  folder.write("live.yml", two_hosts("other"));  // so the ports' default addresses are others, too
  BackgroundProgram run{{labreel_binary(), "run", "live.yml", "-o", "live.reel"}, folder.path()};
  REQUIRE(run.wait_for_err("the lab runs until"));
  const auto into =
      labreel({"replay", "a.reel", "--into", "h2:eth0", "--filter", "icmp", "--speed", "max", "--lab", "other"}, folder.path());
  INFO(into.out << into.err);
  CHECK(into.status == 0);
  CHECK(into.out.find("1 frames sent into h2:eth0: 1 delivered") != std::string::npos);
  CHECK(into.err.find("1 were for another MAC address") != std::string::npos);
  REQUIRE(labreel({"stop", "other"}, folder.path()).status == 0);
  REQUIRE(run.wait().status == 0);
}

}  // namespace labreel::test
