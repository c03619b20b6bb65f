// NameKeeper: a process of its own that removes what is half-written, once its locked writer cannot.
#pragma once

#include <sys/types.h>

#include <string>

#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: made before the lock and before any thread, destroyed by the process that made it. However that process ends, kill -9
//        as well, the file (or the empty folder) of that name is removed unless it was kept.
class NameKeeper {
 public:
  explicit NameKeeper(const std::string& path);
  ~NameKeeper();
  NameKeeper(const NameKeeper&) = delete;
  NameKeeper& operator=(const NameKeeper&) = delete;

  // The last word counts.
  void keep();
  void remove();

 private:
  void tell(char what);

  OwnedFd to_;
  pid_t process_ = -1;
};

}  // namespace labreel
