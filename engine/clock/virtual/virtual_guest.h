// VirtualGuest: a machine whose time is the calendar's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// A copy of a frame that comes due at one of the guest's ports.
struct Parcel {
  LabTime due;
  Seq frame;
  std::uint32_t copy = 0;
  PortId port{};
  std::shared_ptr<const std::vector<std::byte>> bytes;
};

// A frame that the guest sent.
struct SentFrame {
  LabTime at;
  PortId port{};
  std::vector<std::byte> bytes;
};

// A parcel that the guest's device would not take.
struct RefusedParcel {
  LabTime at;
  Seq frame;
  std::uint32_t copy = 0;
  PortId port{};
};

// Shape: run_until() is called on a thread of the calendar's, the rest on the lab's; never both at once. All that a
// guest
//        does is a function of what it was given and when: never of the host's clock or of other guests.
class VirtualGuest {
 public:
  VirtualGuest() = default;
  VirtualGuest(const VirtualGuest&) = delete;
  VirtualGuest& operator=(const VirtualGuest&) = delete;
  virtual ~VirtualGuest() = default;

  // When it next has something to do, deliveries included; kNever if it has not.
  virtual LabTime next() const = 0;
  // Gives it a copy that comes due in the next window.
  virtual void deliver(Parcel parcel) = 0;
  // Lets it do all that it has to do before `end`.
  virtual void run_until(LabTime end) = 0;
  // The window is over and its frames are recorded; the guest may now use the loop, stamped with the window's end.
  virtual void window_done() = 0;

  // What it did in the window, in order; the calendar takes it.
  std::vector<SentFrame> sent;
  std::vector<RefusedParcel> refused;
};

}  // namespace labreel
