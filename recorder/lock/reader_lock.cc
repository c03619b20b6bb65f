#include "recorder/lock/reader_lock.h"

#include <sys/prctl.h>

#include <optional>

#include "engine/os/system_call.h"
#include "recorder/lock/call_filter.h"
#include "recorder/lock/landlock.h"

namespace labreel {
namespace {

std::optional<LockReport> g_lock;  // of this process

LockReport lock(LockParts parts, const std::string& writable_folder) {
  if (g_lock) return *g_lock;
  // Both halves ask for it; it cannot be refused.
  checked("forbid new privileges", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  LockReport report;
  if (parts != LockParts::call_filter) {
    const LandlockResult result = restrict_names(writable_folder);
    report.landlock_abi = result.abi;
    report.landlock_missing = result.missing;
  }
  // Last: it forbids what Landlock is made with.
  if (parts != LockParts::landlock) {
    report.call_filter_missing = filter_calls(writable_folder.empty() ? NameCalls::refused : NameCalls::left_to_landlock);
    report.call_filter = report.call_filter_missing.empty();
  }
  g_lock = report;
  return report;
}

}  // namespace

LockReport lock_reader(LockParts parts) { return lock(parts, {}); }

LockReport lock_reader_beneath(const std::string& writable_folder) {
  return lock(LockParts::both, writable_folder.empty() ? "." : writable_folder);
}

bool reader_is_locked() { return g_lock.has_value(); }

}  // namespace labreel
