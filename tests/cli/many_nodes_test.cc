// Labs of many nodes: stopped at any moment, and refused where the host cannot bear them.
#include <catch2/catch.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>

#include "tests/cli/host_state.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

std::string lab_of(int nodes) {
  std::string text = "name: many\ntopology:\n  nodes:\n";
  for (int i = 0; i < nodes; ++i) text += "    n" + std::to_string(i) + ":\n";
  return text;
}

}  // namespace

TEST_CASE("Ctrl-C and SIGTERM while many nodes start wait for those that are on their way and start no more", "[cli]") {
  const int signal = GENERATE(SIGINT, SIGTERM);
  constexpr int kNodes = 400;
  const TestFolder folder;
  folder.write("lab.yml", lab_of(kNodes));
  const HostState before = host_state();
  BackgroundProgram lab{{labreel_binary(), "run", "lab.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("starting 400 nodes"));
  lab.signal(signal);
  const auto run = lab.wait(60);
  INFO(run.err);
  CHECK(run.status == (signal == SIGINT ? 130 : 0));  // SIGTERM is how others ask a lab to end
  CHECK(becomes(before));
  const auto events = events_of(folder / "many.reel");
  const auto count = [&](const std::string& kind) {
    return std::count_if(events.begin(), events.end(), [&](const Json& event) { return event.at("kind") == kind; });
  };
  CHECK(count("node.starting") == kNodes);
  CHECK(count("node.started") < kNodes);
  CHECK(count("node.stopped") == kNodes);
  CHECK(labreel({"verify", folder / "many.reel"}).status == 0);
}

TEST_CASE("a lab that the host cannot bear is refused at once with the figure and the limit", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", lab_of(64'000));
  // With this limit no host can, however large.
  const auto run = run_program({"/bin/sh", "-c", "ulimit -n 20000; exec " + labreel_binary() + " run lab.yml"}, folder.path());
  CHECK(run.status == 4);
  CHECK_THAT(run.err, Catch::Contains("this host cannot bear the lab's 64000 nodes: they need at least ") &&
                          Catch::Contains(" is ") && Catch::Contains("hint: "));
  CHECK_FALSE(std::filesystem::exists(folder / "many.reel"));
  folder.write("lab.yml", lab_of(100));
  const auto few = run_program({"/bin/sh", "-c", "ulimit -n 250; exec " + labreel_binary() + " run lab.yml"}, folder.path());
  CHECK(few.status == 4);
  CHECK_THAT(few.err, Catch::Contains("300 open files, and the limit of open files (RLIMIT_NOFILE, hard) is 250"));
}

}  // namespace labreel::test
