// labreel replay --into: what a host got in one recording, sent into the same host of a running lab.
#include <catch2/catch.hpp>
#include <signal.h>
#include <unistd.h>

#include <set>

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

namespace {

// What the injected frames carry, as the numbers of their pings, in the order of the reel.
std::vector<std::string> injected_payloads(const std::vector<Json>& events) {
  std::vector<std::string> payloads;
  for (const Json& event : events) {
    if (event["kind"] == "frame" && event["cause"].is_number()) payloads.push_back(event["payload"].get<std::string>());
  }
  return payloads;
}

}  // namespace

TEST_CASE("as fast as the lab takes them, all frames go in, in their order and each with its command", "[cli]") {
  const TestFolder folder;
  folder.write("ask.yml", two_hosts("many") + "scenario:\n  - exec: {node: h1, run: \"ping -q -f -c 1000 10.0.0.2\"}\n");
  REQUIRE(labreel({"run", "ask.yml", "-o", "a.reel"}, folder.path()).status == 0);
  std::vector<std::string> asked;
  for (const Json& event : events_of(folder / "a.reel", {"--payload", "--filter", "icmp"})) {
    if (event["port"] == "h1:eth0") asked.push_back(event["payload"].get<std::string>());
  }
  REQUIRE(asked.size() >= 1000);
  folder.write("live.yml", two_hosts("many"));
  BackgroundProgram run{{labreel_binary(), "run", "live.yml", "-o", "live.reel"}, folder.path()};
  REQUIRE(run.wait_for_err("the lab runs until"));
  const auto into = labreel({"replay", "a.reel", "--into", "h2:eth0", "--filter", "icmp", "--speed", "max", "--lab", "many"},
                            folder.path());
  INFO(into.out << into.err);
  CHECK(into.status == 0);
  CHECK(into.out.find(std::to_string(asked.size()) + " frames sent into h2:eth0: ") != std::string::npos);
  REQUIRE(labreel({"stop", "many"}, folder.path()).status == 0);
  REQUIRE(run.wait().status == 0);
  const auto events = events_of(folder / "live.reel", {"--payload"});
  CHECK(injected_payloads(events) == asked);
  std::set<std::uint64_t> causes;
  for (const Json& event : events) {
    if (event["kind"] != "frame" || !event["cause"].is_number()) continue;
    const auto cause = event["cause"].get<std::uint64_t>();
    CHECK(causes.insert(cause).second);
    CHECK(events[cause - 1]["verb"] == "inject");
  }
  CHECK(labreel({"verify", "live.reel"}, folder.path()).status == 0);
}

TEST_CASE("frames keep their distances, although those that are due go together", "[cli]") {
  const TestFolder folder;
  folder.write("ask.yml", two_hosts("paced") + "scenario:\n  - exec: {node: h1, run: \"ping -c 4 -i 0.3 10.0.0.2\"}\n");
  REQUIRE(labreel({"run", "ask.yml", "-o", "a.reel"}, folder.path()).status == 0);
  folder.write("live.yml", two_hosts("paced"));
  BackgroundProgram run{{labreel_binary(), "run", "live.yml", "-o", "live.reel"}, folder.path()};
  REQUIRE(run.wait_for_err("the lab runs until"));
  const auto into = labreel({"replay", "a.reel", "--into", "h2:eth0", "--filter", "icmp", "--lab", "paced"}, folder.path());
  INFO(into.out << into.err);
  CHECK(into.status == 0);
  REQUIRE(labreel({"stop", "paced"}, folder.path()).status == 0);
  REQUIRE(run.wait().status == 0);
  std::vector<double> times;
  for (const Json& event : events_of(folder / "live.reel", {"--filter", "icmp"})) {
    if (event["cause"].is_number()) times.push_back(event["time"].get<double>() / 1e9);
  }
  REQUIRE(times.size() == 4);
  // None goes early; how late one is, a busy host decides.
  for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[0] > 0.25 * static_cast<double>(i));
}

TEST_CASE("a frame that the lab refuses ends the sending, and is named by its event", "[cli]") {
  const TestFolder folder;
  folder.write("ask.yml", two_hosts("cut") + "scenario:\n  - exec: {node: h1, run: \"ping -c 2 -i 0.2 10.0.0.2\"}\n");
  REQUIRE(labreel({"run", "ask.yml", "-o", "a.reel"}, folder.path()).status == 0);
  folder.write("live.yml", "name: cut\ntopology:\n  nodes: {h2: {ports: {eth0: {}}}}\n");
  BackgroundProgram run{{labreel_binary(), "run", "live.yml", "-o", "live.reel"}, folder.path()};
  REQUIRE(run.wait_for_err("the lab runs until"));
  std::string first;
  for (const Json& event : events_of(folder / "a.reel", {"--filter", "icmp"})) {
    if (first.empty() && event["port"] == "h1:eth0") first = std::to_string(event["seq"].get<std::uint64_t>());
  }
  const auto into = labreel({"replay", "a.reel", "--into", "h2:eth0", "--filter", "icmp", "--speed", "max", "--lab", "cut"},
                            folder.path());
  INFO(into.out << into.err);
  CHECK(into.status == 5);
  CHECK(into.err.find("a.reel: event " + first + ": port h2:eth0 has no cable") != std::string::npos);
  REQUIRE(labreel({"stop", "cut"}, folder.path()).status == 0);
  REQUIRE(run.wait().status == 0);
  CHECK(events_of(folder / "live.reel", {"--kind", "command"}).size() == 3);  // run, one inject, stop
}

TEST_CASE("Ctrl-C ends the sending, and what was sent by then is reported", "[cli]") {
  const TestFolder folder;
  folder.write("ask.yml", two_hosts("halt") + "scenario:\n  - exec: {node: h1, run: \"ping -c 3 -i 0.2 10.0.0.2\"}\n");
  REQUIRE(labreel({"run", "ask.yml", "-o", "a.reel"}, folder.path()).status == 0);
  folder.write("live.yml", two_hosts("halt"));
  BackgroundProgram run{{labreel_binary(), "run", "live.yml", "-o", "live.reel"}, folder.path()};
  REQUIRE(run.wait_for_err("the lab runs until"));
  BackgroundProgram into{{labreel_binary(), "replay", "a.reel", "--into", "h2:eth0", "--filter", "icmp", "--speed", "0.01",
                          "--lab", "halt"},
                         folder.path()};
  REQUIRE(into.wait_for_err("inject level"));
  const std::vector<std::string> pings{"events", "live.reel", "--kind", "frame", "--filter", "icmp"};
  while (labreel(pings, folder.path()).out.find("(ping) request") == std::string::npos) ::usleep(50'000);
  into.signal(SIGINT);
  const auto ended = into.wait();
  INFO(ended.out << ended.err);
  CHECK(ended.status == 130);
  CHECK(ended.out.find("1 frames sent into h2:eth0: 1 delivered") != std::string::npos);
  REQUIRE(labreel({"stop", "halt"}, folder.path()).status == 0);
  REQUIRE(run.wait().status == 0);
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
