// InterruptWatch: while it lives, Ctrl-C (SIGINT, SIGTERM, SIGHUP) is something to read instead of the end. It can
// watch other signals too, such as SIGWINCH.
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>

#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: for the calling thread, which should be the only one that does not block these signals. A signal that was
//        ignored (nohup, a shell's background job) stays ignored.
class InterruptWatch {
 public:
  // Throws std::system_error.
  explicit InterruptWatch(std::initializer_list<int> signals = {SIGINT, SIGTERM, SIGHUP});
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
