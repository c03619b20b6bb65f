#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

#include "engine/os/owned_fd.h"
#include "recorder/doctor/checks.h"
#include "recorder/lock/reader_lock.h"

namespace labreel {
namespace {


// A lock that is on is pulled at: opening for writing does not harm, and every reader is refused it.
void pull() {
  const OwnedFd file{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  if (file.is_open()) throw std::runtime_error("it is on, but a file could be opened for writing");
}

std::string lock_by_landlock() {
  const LockReport lock = lock_reader(LockParts::landlock);
  if (lock.landlock_abi == 0) throw std::runtime_error(lock.landlock_missing);
  pull();
  return "version " + std::to_string(lock.landlock_abi) + ": a reader of reels can change nothing by its name";
}

std::string lock_by_filter() {
  const LockReport lock = lock_reader(LockParts::call_filter);
  if (!lock.call_filter) throw std::runtime_error(lock.call_filter_missing);
  pull();
  return "a reader of reels can neither connect, nor remove, nor start programs";
}

}  // namespace

Finding check_landlock() {
  return finding_of("landlock", try_here(lock_by_landlock, kTrialLimit),
                    "a kernel from 5.13 on whose lsm= names landlock; without it, the call filter alone locks readers down");
}

Finding check_call_filter() {
  return finding_of("seccomp", try_here(lock_by_filter, kTrialLimit),
                    "a kernel with CONFIG_SECCOMP_FILTER, in a container that allows it; without it, Landlock alone locks readers down");
}

}  // namespace labreel
