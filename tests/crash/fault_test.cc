// The disk refuses the Nth call, N = 1, 2, 3 … until the recording passes: nothing appended is lost, nothing hangs.
#include <catch2/catch.hpp>

#include <cerrno>

#include "fault_run.h"

namespace labreel {
namespace {

constexpr DiskVerdict kWriteFails{SQLITE_IOERR_WRITE, EIO};
constexpr DiskVerdict kNoRoom{SQLITE_FULL, ENOSPC};
constexpr DiskVerdict kSyncFails{SQLITE_IOERR_FSYNC, EIO};
constexpr DiskVerdict kOpenFails{SQLITE_CANTOPEN, EMFILE};
constexpr DiskVerdict kReadFails{SQLITE_IOERR_READ, EIO};
constexpr DiskVerdict kRemoveFails{SQLITE_IOERR_DELETE, EACCES};

void passes(DiskOp op, DiskVerdict verdict, FaultSpan span, std::uint64_t calls_min, std::uint64_t step = 1) {
  const FaultTally tally = run_all_faults(op, verdict, span, step);
  INFO(tally.runs << " runs");
  CHECK(tally.complaint == "");
  CHECK(tally.last_nth > calls_min);
}

}  // namespace

TEST_CASE("whichever write fails once, every event is read back and the failure is said", "[faults]") {
  passes(DiskOp::write, kWriteFails, FaultSpan::once, 20);
}
TEST_CASE("whichever write is the first to fail for good, every event is read back and the failure is said", "[faults]") {
  passes(DiskOp::write, kWriteFails, FaultSpan::for_good, 20);
}
TEST_CASE("wherever the disk is full for good, every event that was kept is read back", "[faults]") {
  passes(DiskOp::write, kNoRoom, FaultSpan::for_good, 20);
}
TEST_CASE("wherever the disk is full until that was said, the recording goes on and is sealed", "[faults]") {
  passes(DiskOp::write, kNoRoom, FaultSpan::until_said, 20);
}
TEST_CASE("a failed fsync ends the claim to durability for good, and is never tried again", "[faults]") {
  passes(DiskOp::sync, kSyncFails, FaultSpan::once, 5);
  passes(DiskOp::sync, kSyncFails, FaultSpan::for_good, 5);
}
TEST_CASE("whichever open fails, the reel is not begun or loses nothing", "[faults]") {
  passes(DiskOp::open, kOpenFails, FaultSpan::once, 1);
  passes(DiskOp::open, kOpenFails, FaultSpan::for_good, 1);
}
TEST_CASE("whichever of the writer's reads or removals fails, nothing is lost", "[faults]") {
  passes(DiskOp::read, kReadFails, FaultSpan::once, 0);
  passes(DiskOp::read, kReadFails, FaultSpan::for_good, 0);
  passes(DiskOp::remove, kRemoveFails, FaultSpan::for_good, 0);
}

}  // namespace labreel
