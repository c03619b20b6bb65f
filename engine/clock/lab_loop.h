// LabLoop: what carries a lab's frames and time, whether the clock is real or virtual.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

enum class TimerId : std::uint64_t {};

// Shape: one per lab; everything is called, and calls back, on the thread that calls turn().
// Units: lab time starts at 0 when the loop is made, or where a reel that goes on had ended.
class LabLoop {
 public:
  LabLoop() = default;
  LabLoop(const LabLoop&) = delete;
  LabLoop& operator=(const LabLoop&) = delete;
  virtual ~LabLoop() = default;

  // The stamp of what is handled now.
  virtual LabTime now() const = 0;

  // What the host's clock of UTC showed at that lab time, in ns since 1970. A loop whose time is not the host's says what it
  // shows now.
  virtual std::uint64_t utc_at_ns(LabTime at) const;

  virtual TimerId call_at(LabTime when, std::function<void()> call) = 0;
  virtual void cancel(TimerId timer) = 0;

  // Calls back whenever a descriptor of the host is readable or closed, until unwatch(). In virtual time what it does to
  // the lab is stamped at the next barrier.
  virtual void watch(int fd, std::function<void()> on_readable) = 0;
  virtual void unwatch(int fd) = 0;

  // Gives an effect to the fabric and records it, and the outcomes of the copies that it ended.
  // Errors: what the fabric refused; nothing is recorded then.
  virtual Result<Seq> apply(Seq cause, const EventBody& effect) = 0;
  // Gives a frame to the fabric as if the port's node had sent it now, and records it with its cause. Record the cause
  // just before, with nothing in between.
  // Errors: a loop that takes no frames from outside.
  virtual Result<Seq> inject(Seq /*cause*/, PortId /*port*/, Bytes /*frame*/) {
    return Error{ErrorKind::usage, "a lab in virtual time takes no frames from outside: they would have no place on its calendar",
                 {}, "replay into a lab with clock: real"};
  }
  // Records an event that the fabric does not see.
  virtual Seq record(Seq cause, const EventBody& body) = 0;

  // Waits for the next thing to do and does it.
  virtual void turn() = 0;

  // Writes what was late or stalled since the last time, and what was lost before the fabric; called before the lab ends.
  virtual void report_health() = 0;
};

// Reads two of the host's clocks at one moment.
//
// Shape: what CLOCK_REALTIME shows when CLOCK_MONOTONIC shows 0, in ns; from the closest of several readings between two of
//        the other clock, so that being put to sleep between them does not count.
std::uint64_t utc_of_monotonic_zero_ns();

}  // namespace labreel
