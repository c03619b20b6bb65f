#include "allocations.h"

#include <dirent.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace labreel {
namespace {

struct {
  std::atomic<bool> is_armed = false;
  std::atomic<Allocator> allocator = Allocator::operator_new;
  std::atomic<bool> for_good = false;
  std::atomic<std::uint64_t> nth = 0;
  std::atomic<std::uint64_t> calls = 0;
} g_fault;
std::atomic<std::int64_t> g_held = 0;
thread_local bool t_is_counted = true;  // of threads that the store begins

bool refuses(Allocator allocator) {
  if (!g_fault.is_armed || !t_is_counted || g_fault.allocator != allocator) return false;
  const std::uint64_t number = ++g_fault.calls;
  return g_fault.for_good ? number >= g_fault.nth : number == g_fault.nth;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (refuses(Allocator::operator_new)) throw std::bad_alloc{};
  const std::size_t size = (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, size);
  if (memory == nullptr) throw std::bad_alloc{};
  ++g_held;
  return memory;
}
void release(void* memory) noexcept {
  if (memory == nullptr) return;
  --g_held;
  std::free(memory);
}

sqlite3_mem_methods g_sqlite;
void* sqlite_allocate(int bytes) { return refuses(Allocator::sqlite) ? nullptr : g_sqlite.xMalloc(bytes); }
void* sqlite_reallocate(void* memory, int bytes) {
  return refuses(Allocator::sqlite) ? nullptr : g_sqlite.xRealloc(memory, bytes);
}

// Puts itself between SQLite and its memory, once and for all.
void watch_sqlite() {
  static const bool kIsWatched = [] {
    sqlite3_shutdown();
    sqlite3_mem_methods methods;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &g_sqlite) != SQLITE_OK) throw std::runtime_error("SQLite is in use");
    methods = g_sqlite;
    methods.xMalloc = sqlite_allocate;
    methods.xRealloc = sqlite_reallocate;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK) throw std::runtime_error("SQLite keeps its memory");
    return sqlite3_initialize() == SQLITE_OK;
  }();
  if (!kIsWatched) throw std::runtime_error("SQLite does not begin");
}

}  // namespace

FailingAllocation::FailingAllocation(Allocator allocator, FaultSpan span, std::uint64_t nth) {
  watch_sqlite();
  t_is_counted = false;
  g_fault.allocator = allocator;
  g_fault.for_good = span != FaultSpan::once;
  g_fault.nth = nth;
  g_fault.calls = 0;
  g_fault.is_armed = true;
}
FailingAllocation::~FailingAllocation() { g_fault.is_armed = false; }
bool FailingAllocation::was_hit() const { return g_fault.calls >= g_fault.nth; }

CountedScope::CountedScope() { t_is_counted = true; }
CountedScope::~CountedScope() { t_is_counted = false; }

Holdings holdings() {
  watch_sqlite();
  std::int64_t files = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) throw std::runtime_error("cannot list open files");
  while (::readdir(folder) != nullptr) ++files;
  ::closedir(folder);
  return {g_held, sqlite3_memory_used(), files};
}

}  // namespace labreel

// This program's own, for all of it.
void* operator new(std::size_t bytes) { return labreel::allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return labreel::allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { labreel::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { labreel::release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { labreel::release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { labreel::release(memory); }
