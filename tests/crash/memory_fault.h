// Out of memory: the Nth allocation of the store fails, the C++ library's or SQLite's own, while it writes or reads.
#pragma once

#include <cstdint>

#include "fault_run.h"

namespace labreel {

enum class Allocator { operator_new, sqlite };

// N = 1, 2, 3 … until a recording (of few events, sealed) passes without meeting the fault; every `step`th only.
//
// Shape: whatever append() took is read back; the reel is sealed or says why not; nothing is leaked.
FaultTally run_memory_faults_of_writer(Allocator allocator, FaultSpan span, std::uint64_t step = 1);

// The same with the readers: a sealed reel, one that was cut off, and one with a hot journal are read, checked and repaired.
//
// Shape: an exact prefix, or an error, or std::bad_alloc; nothing is leaked, and no file left behind.
FaultTally run_memory_faults_of_readers(Allocator allocator, FaultSpan span, std::uint64_t step = 1);

}  // namespace labreel
