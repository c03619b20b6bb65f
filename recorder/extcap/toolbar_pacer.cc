#include "recorder/extcap/toolbar_pacer.h"

#include <poll.h>

#include <algorithm>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

using std::chrono::nanoseconds;

// A wait is cut here, so that a recorded silence of a year is no overflow.
constexpr nanoseconds kWait_max = std::chrono::hours{1};

}  // namespace

bool ToolbarPacer::wait_for(std::uint64_t time_ns, const std::function<void()>& before_waiting) {
  if (!anchor_) {
    anchor_ = Clock::now();
    anchor_ns_ = time_ns;
  }
  if (!wait(nanoseconds{0})) return false;
  bool waited = false;
  const auto wait_on = [&](std::optional<nanoseconds> at_most) {
    if (!waited) before_waiting();
    waited = true;
    return wait(at_most);
  };
  for (;;) {
    if (paused_ && steps_ > 0) {
      --steps_;
      anchor_ns_ = std::max(anchor_ns_, time_ns);
      return true;
    }
    if (paused_) {
      if (!wait_on(std::nullopt)) return false;
      continue;
    }
    if (speed_ <= 0 || time_ns <= anchor_ns_) return true;
    const double left_ns = static_cast<double>(time_ns - anchor_ns_) / speed_ -
                           static_cast<double>(nanoseconds{Clock::now() - *anchor_}.count());
    if (left_ns <= 0) return true;
    const double cut_ns = std::min(left_ns, static_cast<double>(kWait_max.count()));
    if (!wait_on(nanoseconds{static_cast<std::int64_t>(cut_ns)})) return false;
  }
}

bool ToolbarPacer::idle(nanoseconds at_most) { return wait(at_most); }

// Waits for a press, for the reader's end, or for the time.
bool ToolbarPacer::wait(std::optional<nanoseconds> at_most) {
  pollfd watched[] = {{out_fd_, 0, 0}, {toolbar_.fd(), POLLIN, 0}};  // poll passes over -1
  timespec timeout{};
  if (at_most) timeout = {at_most->count() / 1'000'000'000, at_most->count() % 1'000'000'000};
  const int ready = retried([&] { return ::ppoll(watched, 2, at_most ? &timeout : nullptr, nullptr); });
  checked("wait for the toolbar", ready);
  if ((watched[0].revents & POLLERR) != 0) return false;
  if (watched[1].revents != 0) toolbar_.read([this](ToolbarControl control) { press(control); });
  // A toolbar that is gone cannot play again.
  if (paused_ && toolbar_.fd() < 0) press(ToolbarControl::play);
  return true;
}

// Where the replay is now, in recorded time.
std::uint64_t ToolbarPacer::position_ns(Clock::time_point now) const {
  if (paused_ || !anchor_) return anchor_ns_;
  const double elapsed_ns = static_cast<double>(nanoseconds{now - *anchor_}.count());
  return anchor_ns_ + static_cast<std::uint64_t>(elapsed_ns * speed_);
}

void ToolbarPacer::press(ToolbarControl control) {
  const Clock::time_point now = Clock::now();
  if (anchor_) {
    anchor_ns_ = position_ns(now);
    anchor_ = now;
  }
  paused_ = control != ToolbarControl::play;
  if (control == ToolbarControl::play) steps_ = 0;
  if (control == ToolbarControl::step) ++steps_;
  toolbar_.show_status(paused_ ? "labreel: paused" : "labreel: playing");
}

}  // namespace labreel
