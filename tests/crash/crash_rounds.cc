// crash_rounds: the crash tests' rounds by hand, as many as wanted. Exit code 1 if one fails.
#include <CLI/CLI.hpp>

#include <cerrno>
#include <iostream>

#include "damage.h"
#include "fault_run.h"
#include "kill_round.h"
#include "memory_fault.h"
#include "power_cut.h"

namespace {

using namespace labreel;

bool run_faults(std::uint64_t step) {
  struct Kind {
    const char* name;
    DiskOp op;
    DiskVerdict verdict;
    FaultSpan span;
  };
  const Kind kinds[] = {{"write, once", DiskOp::write, {SQLITE_IOERR_WRITE, EIO}, FaultSpan::once},
                        {"disk full, for good", DiskOp::write, {SQLITE_FULL, ENOSPC}, FaultSpan::for_good},
                        {"fsync, once", DiskOp::sync, {SQLITE_IOERR_FSYNC, EIO}, FaultSpan::once}};
  bool well = true;
  for (const Kind& kind : kinds) {
    const FaultTally tally = run_all_faults(kind.op, kind.verdict, kind.span, step);
    std::cout << kind.name << ": " << tally.runs << " recordings, the Nth call up to " << tally.last_nth
              << (tally.complaint.empty() ? "" : "; FAILED: ") << tally.complaint << "\n";
    well = well && tally.complaint.empty();
  }
  return well;
}

bool run_memory_faults(std::uint64_t step) {
  bool well = true;
  for (const Allocator allocator : {Allocator::operator_new, Allocator::sqlite}) {
    for (const FaultSpan span : {FaultSpan::once, FaultSpan::for_good}) {
      for (const auto run : {run_memory_faults_of_writer, run_memory_faults_of_readers}) {
        const FaultTally tally = run(allocator, span, step);
        std::cout << (allocator == Allocator::sqlite ? "SQLite's memory" : "memory") << ", "
                  << (span == FaultSpan::once ? "once" : "for good") << ": " << tally.runs << " runs, up to allocation "
                  << tally.last_nth << (tally.complaint.empty() ? "" : "; FAILED: ") << tally.complaint << std::endl;
        well = well && tally.complaint.empty();
      }
    }
  }
  return well;
}

bool run_damage(std::uint64_t step, std::uint64_t long_cuts, std::uint64_t seed) {
  bool well = true;
  for (const NamedTally& named : run_all_damage(step, long_cuts, seed)) {
    std::cout << named.name << ": " << words_of(named.tally) << std::endl;
    well = well && named.tally.complaint.empty();
  }
  return well;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs accidents against a reel and checks what they leave."};
  std::uint64_t rounds = 0;
  std::uint64_t cuts = 0;
  std::uint64_t step = 0;
  std::uint64_t seed = 1;
  app.add_option("--rounds", rounds, "recorders to kill");
  app.add_option("--power-cuts", cuts, "power cuts to try");
  app.add_option("--faults-step", step, "fail every Nth disk call with this step (1: all)");
  std::uint64_t memory_step = 0;
  std::uint64_t damage_step = 0;
  std::uint64_t long_cuts = 100;
  app.add_option("--memory-step", memory_step, "fail every Nth allocation with this step (1: all)");
  app.add_option("--damage-step", damage_step, "flip and cut files at every Nth byte with this step (1: all)");
  app.add_option("--long-cuts", long_cuts, "with --damage-step: places at which a long reel is cut");
  app.add_option("--seed", seed, "the first seed of kills and power cuts");
  app.add_flag("!--drop-failed", ScratchFolder::keeps_failed, "do not keep the folder of a round that failed");
  CLI11_PARSE(app, argc, argv);
  bool well = true;
  if (rounds > 0) {
    const KillTally tally = run_kill_rounds(rounds, seed);
    std::cout << words_of(tally) << std::endl;
    well = well && tally.complaint.empty();
  }
  if (cuts > 0) {
    const CutTally tally = run_power_cuts(cuts, seed);
    std::cout << words_of(tally) << std::endl;
    well = well && tally.complaint.empty();
  }
  if (step > 0) well = run_faults(step) && well;
  if (memory_step > 0) well = run_memory_faults(memory_step) && well;
  if (damage_step > 0) well = run_damage(damage_step, long_cuts, seed) && well;
  return well ? 0 : 1;
}
