// VirtualLoop: the calendar of a lab in virtual time: guests run a window side by side, then what they did is recorded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "engine/clock/lab_loop.h"
#include "engine/clock/virtual/crew.h"
#include "engine/clock/virtual/virtual_guest.h"
#include "engine/core/fabric.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// Bumped whenever the same inputs could give other windows, or a session other events at its barriers; it belongs in the
// reel. 2: checkpoints also by frames. 3: a crash ends a guest from outside it, and cables and nodes that are
// added at run time are as those of the lab file.
inline constexpr std::uint32_t kCalendarPolicyVersion = 3;

// The delay that a cable without one gets in virtual time (ARCHITECTURE.md, "The lab file").
inline constexpr std::uint64_t kVirtualCableDelay_ns = 50'000;
// Gives a direction of a cable that has no delay this one: in virtual time nothing arrives before it was sent.
inline void give_virtual_delay(CableSettings& settings) {
  if (settings.delay_ns == 0) settings.delay_ns = kVirtualCableDelay_ns;
}
// A window is never longer than this, however slow the cables: what guests tell the lab is stamped at its end.
inline constexpr std::uint64_t kWindowMax_ns = 1'000'000;
// Nor shorter, however fast: a copy that comes due within the window that it was sent in is handed over at its end.
inline constexpr std::uint64_t kWindowMin_ns = 10'000;

// Returns the shortest time that a frame takes from one port to another, within the limits above.
std::uint64_t window_ns(const Topology& topology);

struct VirtualLoopOptions {
  std::size_t threads = 0;  // that run guests; 0: the guests take turns on the lab's thread
  bool real_pace = false;   // wait for the wall clock when lab time is ahead of it
};

// Shape:  one per lab; see README.md for the order in which things happen. A frame arrives at the stamp at which its
//         guest sent it. Timers fire at exactly their time, before what guests do then. Watched descriptors, and what
//         guests tell the lab, are served at barriers: all that is earlier has happened, nothing that is later.
// Errors: std::system_error if epoll refuses.
class VirtualLoop final : public LabLoop {
 public:
  VirtualLoop(Fabric& fabric, EventSink& sink, const VirtualLoopOptions& options = {});
  ~VirtualLoop() override;

  // The guest takes part from the next window on; its windows run on thread `place` modulo the number of threads.
  void add(VirtualGuest& guest, std::size_t place);
  void remove(VirtualGuest& guest);
  // Copies for a port go to the guest; without one they are refused.
  void attach(PortId port, VirtualGuest& guest);
  void detach(PortId port);

  LabTime now() const override { return now_; }
  TimerId call_at(LabTime when, std::function<void()> call) override;
  void cancel(TimerId timer) override;
  void watch(int fd, std::function<void()> on_readable) override;
  void unwatch(int fd) override;
  Result<Seq> apply(Seq cause, const EventBody& effect) override;
  Seq record(Seq cause, const EventBody& body) override { return sink_.append(now_, cause, body); }
  void turn() override;
  void report_health() override;

  // From now on lab time is never ahead of the wall clock, counted from this moment of both.
  void keep_real_pace();

  // Windows so far, for statistics.
  std::uint64_t windows() const { return windows_; }

 private:
  struct Place {
    VirtualGuest* guest = nullptr;
    std::size_t thread = 0;
  };
  struct Timer {
    TimerId id;
    std::function<void()> call;
  };

  LabTime next_of_guests() const;
  LabTime next_timer() const { return timers_.empty() ? kNever : LabTime{timers_.begin()->first}; }
  VirtualGuest* guest_at(PortId port) const;
  void serve_watches(LabTime next);
  int wait_ms(LabTime next) const;
  void run_timers();
  void run_window(LabTime begin);
  void hand_over(LabTime begin, LabTime end);
  void settle(LabTime end);
  void arrive(const SentFrame& frame);
  void refuse(const RefusedParcel& parcel);
  void advance(LabTime at);
  void take_deliveries();
  void forget(const std::vector<Outcome>& ended);

  Fabric& fabric_;
  EventSink& sink_;
  VirtualLoopOptions options_;
  Crew crew_;
  OwnedFd epoll_;
  LabTime now_;
  LabTime barrier_;              // all before it has happened
  LabTime handed_over_;          // copies due before it are with their guests
  std::uint64_t origin_ns_ = 0;  // of the wall clock, for real pace
  std::uint64_t windows_ = 0;
  std::uint64_t window_ns_ = 0;  // 0: to be worked out from the topology
  std::uint64_t handed_over_late_ = 0;
  std::vector<Place> guests_;
  std::vector<VirtualGuest*> ports_;           // by port id
  std::vector<Parcel> parcels_;                // a heap: the next to come due is first
  std::vector<RefusedParcel> due_at_barrier_;  // already due for the fabric, not yet with their guests
  std::map<int, std::function<void()>> watches_;
  std::multimap<std::uint64_t, Timer> timers_;
  std::uint64_t last_timer_ = 0;
};

}  // namespace labreel
