// One recording in which the disk or the system refuses a call; and what it must leave.
#pragma once

#include <cstdint>
#include <string>

#include "disk_shim.h"
#include "prefix.h"

namespace labreel {

// What fails, from the Nth call on.
enum class FaultSpan {
  once,
  for_good,
  until_said,  // until the writer told of the failure: then the disk is well again
};

struct Fault {
  DiskOp op;
  DiskVerdict verdict;
  FaultSpan span;
  std::uint64_t nth;  // from 1
};

struct FaultRun {
  bool was_hit = false;  // false: the recording has fewer calls than that
  Complaint complaint;
};

// Records 400 events and seals.
//
// Shape: odd N record with a ring that holds everything, even N with one that soon fills up.
FaultRun run_with_fault(const Fault& fault);

struct FaultTally {
  std::uint64_t runs = 0;
  std::uint64_t last_nth = 0;  // the first N that was not reached
  Complaint complaint;
};
// N = 1, 2, 3 … until a recording passes without meeting the fault; every `step`th only.
FaultTally run_all_faults(DiskOp op, DiskVerdict verdict, FaultSpan span, std::uint64_t step = 1);

}  // namespace labreel
