// sim_rounds: simulated recordings, as many as wanted. Exit code 1 if one shows a fault, with its seed, how to repeat
// it, its last events, and its folder kept.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include "tests/crash/prefix.h"
#include "tests/sim/simulation.h"

namespace {

using namespace labreel;

std::uint64_t seed_now = 0;

std::string how_to_repeat() {
  return fmt::format("to repeat it: .build/dev/tests/sim/sim_rounds --seeds 1 --seed {}\n", seed_now);
}

// A check of the engine failed: whoever runs this wants to know when.
void tell_last_words(int) {
  std::cout << "FAILED at seed " << seed_now << ": a check failed; the last events:\n"
            << sim::story_so_far() << how_to_repeat() << std::flush;
  std::_Exit(1);
}

// The seed that a commit's hash gives: other labs with every commit, the same for whoever looks at that commit.
std::uint64_t seed_of(const std::string& text) {
  const bool is_hash = text.size() > 20 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  return std::stoull(is_hash ? text.substr(0, 12) : text, nullptr, is_hash ? 16 : 10);
}

struct Totals {
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t left_out = 0;
  std::uint64_t went_on_in_gap = 0;
  std::uint64_t commands = 0;
  std::uint64_t lab_time_ns = 0;
  std::uint64_t lives = 0;
  std::map<std::string, std::uint64_t> accidents;
};

// Simulates one seed, twice if `twice`; false if there was a fault.
bool simulate_seed(bool twice, Totals& totals) {
  ScratchFolder folder;
  sim::SimResult result = sim::simulate(seed_now, folder.path());
  if (result.complaint.empty() && twice) {
    ScratchFolder other;
    const sim::SimResult again = sim::simulate(seed_now, other.path());
    result.complaint = again.complaint;
    if (again.complaint.empty() && again.hash != result.hash) {
      other.keep();
      result.complaint = "the same seed gave other events than in " + other.path().string();
    }
  }
  totals.events += result.events;
  totals.frames += result.frames;
  totals.left_out += result.left_out;
  totals.went_on_in_gap += result.went_on_in_gap;
  totals.commands += result.commands;
  totals.lab_time_ns += result.lab_time_ns;
  totals.lives += result.lives;
  ++totals.accidents[result.accident];
  if (result.complaint.empty()) return true;
  folder.keep();
  std::cout << "FAILED at seed " << seed_now << ": " << result.complaint << "\nthe last events:\n"
            << result.story << (ScratchFolder::keeps_failed ? "kept in " + folder.path().string() + "\n" : "")
            << how_to_repeat();
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Simulates recordings of random labs and checks what they leave."};
  std::uint64_t seeds = 1;
  std::string first = "1";
  std::uint64_t twice = 5;
  app.add_option("--seeds", seeds, "how many seeds");
  app.add_option("--seed", first, "the first seed: a number, or a commit's hash")->envname("LABREEL_SEED");
  app.add_option("--twice", twice, "simulate every Nth seed twice and compare; 1: all, 0: none");
  app.add_flag("!--drop-failed", ScratchFolder::keeps_failed, "do not keep the folder of a seed that failed");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGABRT, tell_last_words);
  Totals totals;
  const std::uint64_t begin = seed_of(first);
  for (std::uint64_t i = 0; i < seeds; ++i) {
    seed_now = begin + i;
    if (!simulate_seed(twice != 0 && i % twice == 0, totals)) return 1;
  }
  std::cout << fmt::format(
      "{} labs from seed {}, {} recorders, {} of them from a gap on: {} s of lab time, {} events, {} frames, {} of them cut short or left out, {} live "
      "commands; accidents:",
      seeds, begin, totals.lives, totals.went_on_in_gap, totals.lab_time_ns / 1'000'000'000, totals.events, totals.frames, totals.left_out,
      totals.commands);
  for (const auto& [accident, count] : totals.accidents) std::cout << " " << accident << " " << count << ";";
  std::cout << "\n";
  return 0;
}
