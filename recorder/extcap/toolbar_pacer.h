// ToolbarPacer: when each packet of a replay is written: on absolute deadlines, and as the toolbar says.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "recorder/extcap/toolbar.h"

namespace labreel {

// Shape: `out_fd` is the FIFO that packets go to: its reader's end ends every wait. Play, Pause and Step move the
//        deadlines: what waited goes on where it stood, nothing is skipped.
class ToolbarPacer {
 public:
  using Clock = std::chrono::steady_clock;

  // Speed: 1 is the lab's own, 0 as fast as can be.
  ToolbarPacer(int out_fd, Toolbar& toolbar, double speed) : out_fd_(out_fd), toolbar_(toolbar), speed_(speed) {}

  // Waits until a packet of that time may be written; false if nobody reads any more. `before_waiting` is called
  // before a wait: what is buffered should be seen now.
  bool wait_for(std::uint64_t time_ns, const std::function<void()>& before_waiting);
  // Looks at the toolbar and the reader for that long at most; false if nobody reads any more.
  bool idle(std::chrono::nanoseconds at_most);

 private:
  bool wait(std::optional<std::chrono::nanoseconds> at_most);
  void press(ToolbarControl control);
  std::uint64_t position_ns(Clock::time_point now) const;

  int out_fd_;
  Toolbar& toolbar_;
  double speed_;
  bool paused_ = false;
  std::uint64_t steps_ = 0;
  // Recorded time and our clock's at one moment since which the speed has been the same; set by the first packet.
  std::optional<Clock::time_point> anchor_;
  std::uint64_t anchor_ns_ = 0;
};

}  // namespace labreel
