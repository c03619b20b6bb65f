#include "tests/labs/kill_anywhere.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/cli/host_state.h"

namespace labreel::test {
namespace {

unsigned chosen_seed() {
  const char* const named = std::getenv("LABREEL_TEST_SEED");
  return named != nullptr ? static_cast<unsigned>(std::strtoul(named, nullptr, 10)) : std::random_device{}();
}

}  // namespace

void require_nothing_stays(const std::vector<std::string>& command, const TestFolder& folder, int rounds,
                           int within_ms) {
  const unsigned seed = chosen_seed();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const HostState before = host_state();
  for (int round = 0; round < rounds; ++round) {
    const auto moment_ms = std::uniform_int_distribution<int>(0, within_ms)(random);
    CAPTURE(round, moment_ms);
    LabTraces traces;
    {
      const BackgroundProgram lab{command, folder.path()};
      std::this_thread::sleep_for(std::chrono::milliseconds{moment_ms});
      traces.add(lab.pid(), folder / "run");
      lab.signal(SIGKILL);
    }
    const auto left = traces.left();
    INFO(Catch::rangeToString(left));
    REQUIRE(left.empty());
    REQUIRE(becomes(before));
    std::filesystem::remove_all(folder / "killed.reel");
    std::filesystem::remove_all(folder / "killed.reel-ring");
    std::filesystem::remove_all(folder / "killed.reel-journal");
  }
}

}  // namespace labreel::test
