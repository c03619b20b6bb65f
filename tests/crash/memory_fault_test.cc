// The store finds no memory: nothing that was appended is lost, nothing crashes, nothing is leaked.
#include <catch2/catch.hpp>

#include "memory_fault.h"

namespace labreel {
namespace {

void passes(const FaultTally& tally, std::uint64_t allocations_min) {
  WARN(tally.runs << " runs, up to allocation " << tally.last_nth);
  CHECK(tally.complaint == "");
  CHECK(tally.last_nth > allocations_min);
}

}  // namespace

TEST_CASE("whichever allocation of the writer fails, what was appended is read back, and the failure is said", "[memory]") {
  passes(run_memory_faults_of_writer(Allocator::operator_new, FaultSpan::once), 50);
  passes(run_memory_faults_of_writer(Allocator::operator_new, FaultSpan::for_good), 50);
}
TEST_CASE("whichever allocation of SQLite fails while it writes, what was appended is read back", "[memory]") {
  passes(run_memory_faults_of_writer(Allocator::sqlite, FaultSpan::once, 7), 200);
  passes(run_memory_faults_of_writer(Allocator::sqlite, FaultSpan::for_good, 7), 200);
}
TEST_CASE("whichever allocation of a reader fails, it gives an exact prefix or an error, and leaves nothing", "[memory]") {
  passes(run_memory_faults_of_readers(Allocator::operator_new, FaultSpan::once, 29), 100);
  passes(run_memory_faults_of_readers(Allocator::operator_new, FaultSpan::for_good, 31), 100);
}

}  // namespace labreel
