#include "tests/sim/world.h"

#include <time.h>

#include <algorithm>
#include <utility>

#include "engine/core/check.h"

extern "C" {
int __real_clock_gettime(clockid_t clock, timespec* now);
int __real_epoll_pwait2(int epoll, epoll_event* events, int capacity, const timespec* timeout, const sigset_t* signals);
int __wrap_clock_gettime(clockid_t clock, timespec* now);
int __wrap_epoll_pwait2(int epoll, epoll_event* events, int capacity, const timespec* timeout, const sigset_t* signals);
}

namespace labreel::sim {
namespace {

constexpr std::uint64_t kSecond_ns = 1'000'000'000;

thread_local World* current_world = nullptr;

}  // namespace

World::World(std::uint64_t seed) : dice_(seed, 'w'), now_ns_(5 * kSecond_ns + dice_.number(kSecond_ns)) {
  LABREEL_CHECK(current_world == nullptr);
  current_world = this;
}

World::~World() { current_world = nullptr; }

World* World::current() { return current_world; }

void World::after(std::uint64_t delay_ns, std::function<void()> happening) {
  calendar_.emplace(now_ns_ + delay_ns, std::move(happening));
}

std::uint64_t World::look_at_clock() {
  now_ns_ += dice_.number(1'000);
  // The host does something else now and then, once in a while for long.
  if (dice_.number(5'000) == 0) now_ns_ += dice_.number(120'000'000);
  return now_ns_;
}

void World::let_happen() {
  while (!calendar_.empty() && calendar_.begin()->first <= now_ns_) {
    const auto happening = std::move(calendar_.begin()->second);
    calendar_.erase(calendar_.begin());
    happening();
  }
}

int World::wait(int epoll, epoll_event* events, int capacity, std::uint64_t timeout_ns) {
  const std::uint64_t deadline_ns = now_ns_ + timeout_ns;
  for (;;) {
    let_happen();
    const timespec at_once{};
    const int count = __real_epoll_pwait2(epoll, events, capacity, &at_once, nullptr);
    for (int i = count - 1; i > 0; --i) std::swap(events[i], events[dice_.number(static_cast<std::uint64_t>(i) + 1)]);
    if (count != 0 || now_ns_ >= deadline_ns) return count;
    // The kernel wakes nobody too early, and hardly ever on time.
    const std::uint64_t wake_ns = deadline_ns + dice_.number(60'000);
    now_ns_ = calendar_.empty() ? wake_ns : std::max(now_ns_, std::min(wake_ns, calendar_.begin()->first));
  }
}

}  // namespace labreel::sim

int __wrap_clock_gettime(clockid_t clock, timespec* now) {
  labreel::sim::World* const world = labreel::sim::World::current();
  if (world == nullptr || clock != CLOCK_MONOTONIC) return __real_clock_gettime(clock, now);
  const std::uint64_t ns = world->look_at_clock();
  *now = {static_cast<time_t>(ns / labreel::sim::kSecond_ns), static_cast<long>(ns % labreel::sim::kSecond_ns)};
  return 0;
}

int __wrap_epoll_pwait2(int epoll, epoll_event* events, int capacity, const timespec* timeout,
                        const sigset_t* signals) {
  labreel::sim::World* const world = labreel::sim::World::current();
  if (world == nullptr) return __real_epoll_pwait2(epoll, events, capacity, timeout, signals);
  const std::uint64_t timeout_ns = static_cast<std::uint64_t>(timeout->tv_sec) * labreel::sim::kSecond_ns +
                                   static_cast<std::uint64_t>(timeout->tv_nsec);
  return world->wait(epoll, events, capacity, timeout_ns);
}
