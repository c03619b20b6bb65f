#include "store/reel_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "engine/os/system_call.h"

namespace labreel {

OwnedFd lock_file(const std::string& path, int access) {
  OwnedFd fd{checked("open " + path, ::open(path.c_str(), access | O_CLOEXEC | O_NONBLOCK))};
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) checked("lock " + path, -1);
  return {};
}

Error in_use(const std::string& path) {
  return {ErrorKind::usage, "is being continued right now", path, "labreel ps lists the labs that run"};
}

}  // namespace labreel
