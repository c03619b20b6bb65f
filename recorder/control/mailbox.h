// Mailbox: how other threads hand work to the control thread. They never wait for it.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: post() from any thread; the rest from the owner's. Tasks run in the order in which they were posted. A task
//        that is dropped is destroyed in the poster's thread, so it must own nothing of the owner's event loop.
class Mailbox {
 public:
  Mailbox();  // throws std::system_error

  // Hands over a task; after close() it is dropped.
  void post(std::function<void()> task);

  // An eventfd, readable when there may be tasks; non-blocking.
  int fd() const { return event_.get(); }
  // Runs what is there, also what those tasks post. Says whether there was anything.
  bool run();
  void close();

 private:
  std::vector<std::function<void()>> take();

  OwnedFd event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
  bool closed_ = false;
};

}  // namespace labreel
