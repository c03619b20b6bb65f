// labreel rerun: a small lab, with things typed by hand while it ran, run again from its reel.
#include <catch2/catch.hpp>
#include <algorithm>
#include <filesystem>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

constexpr const char* kScenario = R"(
scenario:
  - wait: {node: h1, run: "sleep 0.3", timeout: 30s}
  - sleep: 3s
)";

const Json& find_event(const std::vector<Json>& events, const std::string& kind, const std::string& key,
                       const std::string& value) {
  const auto found = std::find_if(events.begin(), events.end(), [&](const Json& event) {
    return event["kind"] == kind && event.value(key, "") == value;
  });
  INFO(kind << " with " << key << " " << value);
  REQUIRE(found != events.end());
  return *found;
}

// How long after the condition came to hold the marker was set.
std::int64_t offset_of_mark(const std::vector<Json>& events) {
  const Json& flipped = find_event(events, "scenario", "state", "flipped");
  return find_event(events, "marker", "name", "typed")["time"].get<std::int64_t>() - flipped["time"].get<std::int64_t>();
}

}  // namespace

TEST_CASE("a rerun gives what was typed at its offset from the condition before it, and names what came out otherwise",
          "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("again") + kScenario);
  {
    BackgroundProgram run{{labreel_binary(), "run", "lab.yml", "-o", "a.reel"}, folder.path()};
    REQUIRE(run.wait_for_err("holds after"));
    REQUIRE(labreel({"mark", "typed", "by hand"}, folder.path()).status == 0);
    REQUIRE(labreel({"link", "set", "h1:eth0", "delay=5ms"}, folder.path()).status == 0);
    REQUIRE(labreel({"exec", "h1", "--", "echo", "typed too"}, folder.path()).status == 0);
    REQUIRE(run.wait().status == 0);
  }
  const auto refused = labreel({"rerun", "a.reel", "-o", "b.reel"}, folder.path());
  CHECK(refused.status == 2);
  CHECK(refused.err.find("runs the commands that the reel holds") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "b.reel"));

  const auto rerun = labreel({"rerun", "a.reel", "-o", "b.reel", "--trust"}, folder.path());
  INFO(rerun.out << rerun.err);
  REQUIRE(rerun.status == 0);
  CHECK(rerun.out.find("rerun level") != std::string::npos);
  CHECK(rerun.out.find("a = a.reel, b = b.reel") != std::string::npos);

  const auto before = events_of(folder / "a.reel");
  const auto after = events_of(folder / "b.reel");
  CHECK(find_event(after, "command", "verb", "mark")["by"] == "cli");
  CHECK(find_event(after, "link.changed", "port", "h1:eth0")["delay_ns"] == 5'000'000);
  CHECK(find_event(after, "exec.output", "text", "typed too\n")["node"] == "h1");
  CHECK(offset_of_mark(after) >= offset_of_mark(before));
  CHECK(find_event(after, "lab.ended", "why", "the scenario is done")["kind"] == "lab.ended");
  CHECK(labreel({"verify", "b.reel"}, folder.path()).status == 0);

  // The same things were done: but for the frames that hosts send by themselves, nothing of them is only in one.
  const auto diff = labreel({"diff", "a.reel", "b.reel", "--json", "--ignore", "time,order,output,polls"}, folder.path());
  const Json json = Json::parse(diff.out);
  for (const char* const side : {"only_in_a", "only_in_b"}) {
    for (const Json& event : json[side]) CHECK(event["kind"] == "frame");
  }
  CHECK(labreel({"rerun", "a.reel", "-o", "b.reel", "--trust"}, folder.path()).status == 2);  // never over a file
}

TEST_CASE("a lab that was stopped by hand is stopped again when it is rerun", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("again"));
  {
    BackgroundProgram run{{labreel_binary(), "run", "lab.yml", "-o", "a.reel"}, folder.path()};
    REQUIRE(run.wait_for_err("all nodes run"));
    REQUIRE(labreel({"mark", "here"}, folder.path()).status == 0);
    REQUIRE(labreel({"stop"}, folder.path()).status == 0);
    REQUIRE(run.wait().status == 0);
  }
  const auto rerun = labreel({"rerun", "a.reel", "-o", "b.reel", "--trust"}, folder.path());
  INFO(rerun.out << rerun.err);
  REQUIRE(rerun.status == 0);
  const auto after = events_of(folder / "b.reel");
  find_event(after, "lab.ended", "why", "stopped");
  find_event(after, "marker", "name", "here");
}

}  // namespace labreel::test
