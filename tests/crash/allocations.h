// Allocations: refuses the Nth one of operator new or of SQLite, and knows how many are still held.
#pragma once

#include <cstdint>

#include "memory_fault.h"

namespace labreel {

// While it lives, the Nth allocation fails, once or from then on: of any thread that was begun meanwhile, and of this
// one inside a CountedScope.
class FailingAllocation {
 public:
  FailingAllocation(Allocator allocator, FaultSpan span, std::uint64_t nth);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  bool was_hit() const;
};

class CountedScope {
 public:
  CountedScope();
  ~CountedScope();
  CountedScope(const CountedScope&) = delete;
  CountedScope& operator=(const CountedScope&) = delete;
};

// What this process holds.
struct Holdings {
  std::int64_t allocations;   // of operator new
  std::int64_t sqlite_bytes;
  std::int64_t open_files;
  bool operator==(const Holdings&) const = default;
};
Holdings holdings();

}  // namespace labreel
