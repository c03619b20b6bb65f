// Commands given to a running lab from another terminal.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

const std::string kLab = two_hosts("live");

}  // namespace

TEST_CASE("ps counts the nodes that a lab has now", "[cli]") {
  const TestFolder folder;
  folder.write("live.yml", kLab);
  BackgroundProgram lab{{labreel_binary(), "run", "live.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  const auto nodes = [] { return Json::parse(labreel({"ps", "--json"}).out).at("nodes"); };
  CHECK(nodes() == 2);
  REQUIRE(labreel({"node", "add", "h3"}).status == 0);
  CHECK(nodes() == 3);
  REQUIRE(labreel({"node", "del", "h1"}).status == 0);
  REQUIRE(labreel({"node", "del", "h3"}).status == 0);
  CHECK(nodes() == 1);
  CHECK(labreel({"stop"}).status == 0);
  CHECK(lab.wait().status == 0);
}

TEST_CASE("a running lab takes commands, shows itself, and stops when told", "[cli]") {
  const TestFolder folder;
  folder.write("live.yml", kLab);
  BackgroundProgram lab{{labreel_binary(), "run", "live.yml"}, folder.path()};
  INFO(lab.err_so_far());
  REQUIRE(lab.wait_for_err("runs until it is stopped"));

  const auto ps = labreel({"ps", "--json"});
  REQUIRE(ps.status == 0);
  const Json running = Json::parse(ps.out);
  CHECK(running.at("lab") == "live");
  CHECK(running.at("nodes") == 2);
  CHECK(running.at("lab_file") == folder / "live.yml");

  const auto ping = labreel({"exec", "h1", "--", "ping", "-c", "2", "-i", "0.2", "10.0.0.2"});
  INFO(ping.out << ping.err);
  CHECK(ping.status == 0);
  CHECK(ping.out.find("2 received") != std::string::npos);
  const auto fails = labreel({"exec", "h1", "--", "sh", "-c", "echo out; echo err >&2; exit 7"});
  CHECK(fails.status == 7);
  CHECK(fails.out == "out\n");
  CHECK(fails.err == "err\n");

  CHECK(labreel({"mark", "before", "all is well"}).status == 0);
  CHECK(labreel({"link", "down", "h1:eth0"}).status == 0);
  CHECK(labreel({"exec", "h1", "--", "ping", "-c", "1", "-W", "1", "10.0.0.2"}).status != 0);
  CHECK(labreel({"link", "up", "h1:eth0"}).status == 0);
  CHECK(labreel({"link", "set", "h1:eth0", "delay=20ms", "loss.in=1%"}).status == 0);
  const auto slow = labreel({"exec", "h1", "--", "ping", "-c", "1", "10.0.0.2"});
  CHECK(slow.out.find("time=4") != std::string::npos);  // 20 ms each way

  const auto typo = labreel({"link", "down", "h1:eth7"});
  CHECK(typo.status == 2);
  CHECK(typo.err.find("did you mean h1:eth0?") != std::string::npos);
  CHECK(labreel({"node", "stop", "h2"}).status == 0);
  const auto gone = labreel({"exec", "h2", "--", "true"});
  CHECK(gone.status == 5);
  CHECK(gone.err.find("not running") != std::string::npos);
  CHECK(labreel({"node", "start", "h2"}).status == 0);
  CHECK(labreel({"exec", "h2", "--", "true"}).status == 0);

  // The live reel can be read while it grows.
  const auto live = labreel({"info", folder / "live.reel", "--json"});
  INFO(live.err);
  CHECK(live.status == 0);
  CHECK(Json::parse(live.out).at("complete") == false);
  CHECK(events_of(folder / "live.reel").size() > 20);

  const auto stop = labreel({"stop"});
  INFO(stop.err);
  CHECK(stop.status == 0);
  const auto run = lab.wait();
  CHECK(run.status == 0);
  CHECK(labreel({"ps"}).out.empty());
  const auto late = labreel({"mark", "late"});
  CHECK(late.status == 2);
  CHECK(late.err.find("no lab is running") != std::string::npos);

  // Every command is an event with its effects; a failed one is recorded as failed.
  const std::vector<Json> events = events_of(folder / "live.reel");
  std::map<std::uint64_t, Json> commands;
  bool typo_recorded = false;
  bool cut_has_its_command = false;
  for (const Json& event : events) {
    if (event.at("kind") == "command") commands[event.at("seq")] = event;
    if (event.at("kind") == "command.done" && event.at("ok") == false) {
      typo_recorded = typo_recorded || commands.at(event.at("cause")).at("arguments").at(0) == "h1:eth7";
    }
    if (event.at("kind") == "link.down") {
      cut_has_its_command =
          commands.at(event.at("cause")).at("verb") == "link.down" && commands.at(event.at("cause")).at("by") == "cli";
    }
  }
  CHECK(typo_recorded);
  CHECK(cut_has_its_command);
  CHECK(labreel({"verify", folder / "live.reel"}).status == 0);
}

TEST_CASE("a second lab of the same name is refused, and the first one is unharmed", "[cli]") {
  const TestFolder folder;
  folder.write("live.yml", kLab);
  BackgroundProgram lab{{labreel_binary(), "run", "live.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  const auto second = labreel({"run", "live.yml"}, folder.path());
  CHECK(second.status == 2);
  CHECK(second.err.find(std::to_string(lab.pid())) != std::string::npos);
  CHECK(labreel({"exec", "h1", "--", "ping", "-c", "1", "10.0.0.2"}).status == 0);
  lab.signal(SIGINT);
  CHECK(lab.wait().status == 130);
}

}  // namespace labreel::test
