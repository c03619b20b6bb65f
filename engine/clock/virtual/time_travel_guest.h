// TimeTravelGuest: a User-Mode Linux guest whose clock and devices are ours.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/clock/virtual/virtual_guest.h"
#include "engine/os/owned_fd.h"
#include "engine/transports/vhost_user/channel.h"
#include "engine/transports/vhost_user/device.h"

struct pollfd;

namespace labreel {

// The sockets and pipes of a guest that is about to start.
struct GuestSockets {
  OwnedFd time;     // listens for `time-travel=ext:`
  OwnedFd console;  // the read end of the guest's stdout, non-blocking
};

// How long a guest may run without a word, on the wall clock: longer than that, it spins or hangs.
inline constexpr int kGuestSilence_ms = 30'000;

// The guest's own clock is ahead of lab time by so much, and begins at 0 nevertheless: the boot takes no lab time. (A
// machine whose uptime is below a second confuses programs: ping would not wait between its requests.)
inline constexpr std::uint64_t kGuestHeadStart_ns = 1'000'000'000;

// Shape:  the guest's own clock is kGuestHeadStart_ns at `origin`. It boots in its first window, when it has connected.
// README.md says which
//         messages are exchanged, and why the order in which we serve them gives the same run each time.
// Errors: whatever the guest does wrong ends it (end_reason()), and nothing else.
// Source: linux include/uapi/linux/um_timetravel.h, arch/um/kernel/time.c.
class TimeTravelGuest final : public VirtualGuest {
 public:
  TimeTravelGuest(LabTime origin, GuestSockets sockets, std::function<void()> on_window_done,
                  int silence_ms = kGuestSilence_ms);
  ~TimeTravelGuest() override;

  // Before it starts, in the order of the kernel's command line: each with the socket that its driver connects to.
  void add_network_card(PortId port, OwnedFd listener, DeviceProfile profile);
  void add_serial_port(OwnedFd listener);

  LabTime next() const override;
  void deliver(Parcel parcel) override;
  void run_until(LabTime end) override;
  void window_done() override { on_window_done_(); }

  // Types bytes on its serial port.
  void type(LabTime at, std::string bytes);
  // A paused guest does not run, its clock stands still, and it refuses what comes due.
  void pause(LabTime at);
  void resume(LabTime at);

  // What it printed since the last time: on the serial port, and on its console.
  std::string take_serial() { return std::exchange(serial_, {}); }
  std::string take_console() { return std::exchange(console_, {}); }

  bool ended() const { return ended_; }
  // Why we ended it; empty if it ended by itself.
  const std::string& end_reason() const { return end_reason_; }
  // Ends it: it will not run again.
  void end(std::string why);

 private:
  struct Device;
  struct TimeMessage {
    std::uint32_t kind;
    std::uint32_t sequence;
    std::uint64_t time_ns;
  };
  // Something that is to be done to the guest while it waits.
  struct Chore {
    std::uint64_t at_ns = 0;
    std::uint64_t order = 0;
    enum class Kind { parcel, output_returned, typed } kind = Kind::parcel;
    std::size_t device = 0;
    Parcel parcel;
    std::string typed;
    bool operator<(const Chore& other) const { return std::tie(other.at_ns, other.order) < std::tie(at_ns, order); }
  };

  std::uint64_t request_ns() const;
  std::uint64_t first_parcel_ns() const;
  std::uint64_t first_chore_ns() const { return chores_.empty() ? kNever.ns : chores_.front().at_ns; }
  void add_chore(Chore chore);
  void refuse_parcels();
  void boot();
  void run(std::uint64_t at_ns);
  void serve_until_waiting();
  void hear_time();
  void handle(const TimeMessage& message);
  void answer(const TimeMessage& message, std::uint64_t time_ns);
  void serve_device(Device& device);
  void take_output(Device& device, Bytes bytes);
  void interrupt(Device& device, VhostDevice::Queue queue);
  void do_chore(Chore chore);
  void give_parcel(const Parcel& parcel, Device& device);
  void give_typed(const Chore& chore, Device& device);
  int poll_once(std::vector<pollfd>& fds);
  void read_console();
  LabTime to_lab(std::uint64_t guest_ns) const { return origin_ + (guest_ns - std::min(guest_ns, kGuestHeadStart_ns)); }
  std::uint64_t to_guest(LabTime lab) const { return lab.ns - origin_.ns + kGuestHeadStart_ns; }
  LabTime lab_now() const { return to_lab(now_ns_); }

  LabTime origin_;
  GuestSockets sockets_;
  std::function<void()> on_window_done_;
  int silence_ms_;
  std::vector<std::unique_ptr<Device>> devices_;
  Channel time_;
  std::array<TimeMessage, 16> arrived_{};  // read but not handled
  std::size_t arrived_bytes_ = 0;

  std::uint64_t now_ns_ = 0;
  std::uint64_t window_end_ns_ = 0;
  std::uint64_t free_until_ns_ = 0;
  std::optional<std::uint64_t> requested_ns_;
  bool started_ = false;
  bool waiting_ = false;
  std::optional<LabTime> paused_;
  bool ended_ = false;
  std::string end_reason_;
  std::vector<Chore> chores_;  // a heap
  std::uint64_t chore_order_ = 0;
  std::string serial_;
  std::string console_;
};

}  // namespace labreel
