// World: the host of a simulated lab: its clock, what will happen on it, and the order in which descriptors get ready.
//
// The engine's own loop runs on it unchanged: the linker puts the world between the loop and clock_gettime() and
// epoll_pwait2(). Lab time passes only where the loop waits, and a little at every look at the clock.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>

#include "tests/sim/dice.h"

namespace labreel::sim {

// Shape: one at a time a thread, which it serves as long as it lives; other threads have the real clock.
// Units: now_ns() is the host's monotonic clock; it starts at some time that is not 0.
class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  static World* current();

  std::uint64_t now_ns() const { return now_ns_; }
  // Lets something happen after a while, while the loop waits. What it throws leaves the loop.
  void after(std::uint64_t delay_ns, std::function<void()> happening);

  // What the two system calls do.
  std::uint64_t look_at_clock();
  int wait(int epoll, epoll_event* events, int capacity, std::uint64_t timeout_ns);

 private:
  void let_happen();

  Dice dice_;
  std::uint64_t now_ns_;
  std::multimap<std::uint64_t, std::function<void()>> calendar_;
};

}  // namespace labreel::sim
