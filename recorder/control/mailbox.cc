#include "recorder/control/mailbox.h"

#include <sys/eventfd.h>

#include <cstdint>
#include <utility>

#include "engine/os/system_call.h"

namespace labreel {

Mailbox::Mailbox() : event_(checked("make an eventfd", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {}

void Mailbox::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() > 1) return;  // whoever posted the first has rung
  }
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable anyway.
  [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

bool Mailbox::run() {
  std::uint64_t rung = 0;
  // Silenced before the tasks are taken: whoever posts after that rings again.
  [[maybe_unused]] const auto got = ::read(event_.get(), &rung, sizeof rung);
  bool any = false;
  for (auto tasks = take(); !tasks.empty(); tasks = take()) {
    any = true;
    for (auto& task : tasks) task();
  }
  return any;
}

void Mailbox::close() {
  std::vector<std::function<void()>> dropped;  // declared first: destroyed after the lock
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(tasks_);
}

std::vector<std::function<void()>> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(tasks_, {});
}

}  // namespace labreel
