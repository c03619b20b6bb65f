// InterruptWatch: while it lives, Ctrl-C (SIGINT, SIGTERM, SIGHUP) is something to read instead of the end.
#pragma once

#include <csignal>
#include <optional>

#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: for the calling thread, which should be the only one that does not block these signals. A signal that was
//        ignored (nohup, a shell's background job) stays ignored.
class InterruptWatch {
 public:
  InterruptWatch();  // throws std::system_error
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Readable when a signal has come; non-blocking.
  int fd() const { return fd_.get(); }
  // The signal's number, if one has come.
  std::optional<int> take();

 private:
  sigset_t before_{};
  OwnedFd fd_;
};

}  // namespace labreel
