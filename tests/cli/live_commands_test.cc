// Every live command, each in all the ways in which it can be refused: the words, the exit code, and the record.
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

struct Refusal {
  std::vector<std::string> words;
  int status;
  std::string said;
};

// The lab has nodes h1 and h2 on one cable and a lan, office, with h2's second port.
const std::vector<Refusal> kRefusals{
    {{"node", "pause", "h7"}, 2, "no node h7 (did you mean h1?)"},
    {{"node", "resume", "h1"}, 5, "node h1 is not paused"},
    {{"node", "start", "h1"}, 5, "node h1 runs already"},
    {{"node", "add", "h1"}, 5, "a node h1 is there already"},
    {{"node", "add", "h x"}, 2, "cannot be the name of a node"},
    {{"node", "del", "h11"}, 2, "no node h11 (did you mean h1?)"},
    {{"link", "down", "h1:eth"}, 2, "no port h1:eth (did you mean h1:eth0?)"},
    {{"link", "up", "h1:eth0"}, 5, "is up already"},
    {{"link", "set", "h1:eth0", "dellay=5ms"}, 2, "did you mean delay?"},
    {{"link", "set", "h1:eth0", "delay.out=5 parsecs"}, 2, "is not a duration"},
    {{"link", "set", "h1:eth0", "loss"}, 2, "`loss` is not KEY=VALUE"},
    {{"link", "add", "h1:eth0", "h2:eth9"}, 5, "has a cable already"},
    {{"link", "add", "h1:eth9", "h1:eth9"}, 2, "two different ports"},
    {{"link", "del", "h2:eth1"}, 5, "is not on a link"},
    {{"lan", "add", "office"}, 5, "a lan office is there already"},
    {{"lan", "del", "offic"}, 2, "no lan offic (did you mean office?)"},
    {{"lan", "join", "office", "h1:eth0"}, 5, "has a cable already"},
    {{"lan", "leave", "office", "h1:eth0"}, 5, "is not on lan office"},
    {{"mark", "1st"}, 2, "cannot be a marker's name"},
    {{"exec", "h3", "--", "true"}, 5, "no node h3 (did you mean h1?)"},
};

std::string lab_with_lan() { return two_hosts("refusing") + "  lans:\n    office: {ports: [\"h2:eth1\"]}\n"; }

}  // namespace

TEST_CASE("a live command that is refused says why, and is recorded as failed with the same words", "[cli]") {
  const TestFolder folder;
  folder.write("refusing.yml", lab_with_lan());
  REQUIRE(labreel({"run", "--detach", "refusing.yml"}, folder.path()).status == 0);
  for (const Refusal& refusal : kRefusals) {
    const auto refused = labreel(refusal.words);
    INFO(Catch::rangeToString(refusal.words) << ": " << refused.err);
    CHECK(refused.status == refusal.status);
    CHECK(refused.out.empty());
    CHECK(refused.err.find(refusal.said) != std::string::npos);
  }
  REQUIRE(labreel({"stop"}).status == 0);
  std::vector<std::string> failures;
  for (const Json& event : events_of(folder / "refusing.reel")) {
    if (event.at("kind") == "command.done" && event.at("ok") == false) failures.push_back(event.at("error"));
  }
  REQUIRE(failures.size() == kRefusals.size());
  for (std::size_t i = 0; i < failures.size(); ++i) CHECK(failures[i].find(kRefusals[i].said) != std::string::npos);
}

TEST_CASE("pause freezes all that runs in a node, and resume lets it go on where it was", "[cli]") {
  const TestFolder folder;
  folder.write("frozen.yml", two_hosts("frozen"));
  REQUIRE(labreel({"run", "--detach", "frozen.yml"}, folder.path()).status == 0);
  {
    BackgroundProgram ticking{{labreel_binary(), "exec", "h1", "--", "sh", "-c",
                               "i=0; while [ $i -lt 500 ]; do i=$((i + 1)); echo tick $i; sleep 0.02; done"},
                              folder.path()};
    REQUIRE(ticking.wait_for_out("tick 5"));
    REQUIRE(labreel({"node", "pause", "h1"}).status == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds{300});  // what was on its way
    const std::string before = ticking.out_so_far();
    std::this_thread::sleep_for(std::chrono::milliseconds{700});
    CHECK(ticking.out_so_far() == before);
    REQUIRE(labreel({"node", "resume", "h1"}).status == 0);
    const auto last = lines_of(before).back();
    REQUIRE(ticking.wait_for_out("tick " + std::to_string(std::stoi(last.substr(5)) + 5) + "\n"));
    CHECK(ticking.out_so_far().starts_with(before));
  }
  REQUIRE(labreel({"stop"}).status == 0);
  const Json info = info_of(folder / "frozen.reel");
  CHECK(info.at("complete") == true);
  CHECK(events_of(folder / "frozen.reel", {"--kind", "node.paused,node.resumed"}).size() == 2);
}

}  // namespace labreel::test
