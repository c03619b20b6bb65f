// crash_rounds: the crash tests' rounds by hand, as many as wanted. Exit code 1 if one fails.
#include <CLI/CLI.hpp>

#include <iostream>

#include "kill_round.h"

int main(int argc, char** argv) {
  CLI::App app{"Runs accidents against a reel and checks what they leave."};
  std::uint64_t rounds = 0;
  std::uint64_t seed = 1;
  app.add_option("--rounds", rounds, "recorders to kill");
  app.add_option("--seed", seed, "the first seed");
  CLI11_PARSE(app, argc, argv);
  bool failed = false;
  if (rounds > 0) {
    const labreel::KillTally tally = labreel::run_kill_rounds(rounds, seed);
    std::cout << words_of(tally) << "\n";
    failed = failed || !tally.complaint.empty();
  }
  return failed ? 1 : 0;
}
