// TemporaryFolder: a private folder for what a running lab needs, gone when the lab is, whatever ended it.
#pragma once

#include <sys/types.h>

#include <string>

#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: a small process of its own holds one end of a pipe; when the last process with the other end is gone (or the
//        object), it removes the folder. So neither Ctrl-C nor SIGKILL leaves it behind. To be made before any thread.
// Errors: std::system_error.
class TemporaryFolder {
 public:
  TemporaryFolder();
  // Removes the folder and waits until it is gone, unless it was left to others.
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  // The folder lives as long as the processes that were forked meanwhile.
  void leave_to_children() { pipe_.reset(); }

 private:
  std::string path_;
  OwnedFd pipe_;
  pid_t cleaner_ = -1;
};

}  // namespace labreel
