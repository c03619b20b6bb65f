// waits_for: what another thread brings about, in its time.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace labreel {

// Looks every millisecond, for a minute at most; says whether it holds.
inline bool waits_for(const std::function<bool()>& condition) {
  for (int i = 0; i < 60'000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return condition();
}

}  // namespace labreel
