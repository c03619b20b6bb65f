// RealTimeLoop: the one thread that carries a lab's frames. It reads the clock once a batch and feeds the fabric.
#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "engine/clock/lab_loop.h"
#include "engine/core/event.h"
#include "engine/core/fabric.h"
#include "engine/core/result.h"
#include "engine/os/owned_fd.h"
#include "engine/transports/transport.h"

namespace labreel {

// Shape: everything runs on the thread that calls turn(): frames, timers, watched descriptors. Frames of one batch share
//        a stamp; deliveries that are due come before arrivals; watched descriptors and timers are served between
//        batches, each with a stamp of its own. The ports of a paused node are not read: no frame of it stands between
//        node.paused and node.resumed; what overflows its devices meanwhile is a gap, before-fabric.
// Units: lab time starts at `begin` when the loop is made.
// Errors: std::system_error if epoll refuses.
class RealTimeLoop final : public LabLoop {
 public:
  RealTimeLoop(Fabric& fabric, EventSink& sink, LabTime begin = {});
  ~RealTimeLoop() override;

  LabTime now() const override { return now_; }
  std::uint64_t utc_at_ns(LabTime at) const override { return utc_of_monotonic_zero_ns() + origin_ns_ + at.ns; }

  void attach(PortId port, std::unique_ptr<Transport> transport);
  void detach(PortId port);
  // Takes what the port's node has sent and was not read yet, and records what the kernel dropped of it: a device that goes
  // takes both with it. For a node that sends no more, before it is detached.
  void take_last(PortId port);

  void watch(int fd, std::function<void()> on_readable) override;
  void unwatch(int fd) override;
  TimerId call_at(LabTime when, std::function<void()> call) override;
  void cancel(TimerId timer) override;
  Result<Seq> apply(Seq cause, const EventBody& effect) override;
  Result<Seq> inject(Seq cause, PortId port, Bytes frame) override;
  Seq record(Seq cause, const EventBody& body) override { return sink_.append(now_, cause, body); }
  void turn() override;
  void report_health() override;

 private:
  struct Watch {
    int fd = -1;
    PortId port = kNoPort;
    std::unique_ptr<Transport> transport;  // either a port …
    std::function<void()> on_readable;     // … or a callback
    std::uint64_t kernel_drops = 0;        // already recorded
    bool dead = false;
    bool is_read = false;  // not while the port's node is paused: what its kernel sends waits in the device
  };

  struct CopyId {
    Seq frame;
    std::uint32_t copy;
  };

  void add(std::unique_ptr<Watch> watch);
  void read(Watch& watch);
  void leave_unread(Watch& watch);
  bool is_paused(PortId port) const;
  void read_ports_of(NodeId node, bool wanted);
  void remove(Watch& watch);
  int wait(epoll_event* events, int capacity);
  void begin_batch();
  void deliver();
  void note_late(std::uint64_t late_ns, CopyId copy);
  void send_train();
  void receive_burst(Watch& watch, int frames_max);
  void run_due_timers();
  void poll_kernel_drops();
  void poll_kernel_drops_of(Watch& watch);
  std::uint64_t read_clock_ns() const;

  Fabric& fabric_;
  EventSink& sink_;
  OwnedFd epoll_;
  std::uint64_t origin_ns_ = 0;
  LabTime now_;
  Arrival arrival_;
  std::vector<Watch*> port_watches_;  // by port id
  std::map<int, Watch*> callback_watches_;
  std::vector<std::unique_ptr<Watch>> watches_;
  bool some_dead_ = false;

  struct Timer {
    TimerId id;
    std::function<void()> call;
  };
  std::multimap<std::uint64_t, Timer> timers_;
  std::uint64_t last_timer_ = 0;

  // Deliveries to one port that are due one after the other, and wait to be given to it together.
  PortId train_port_ = kNoPort;
  std::vector<Bytes> train_;
  std::vector<CopyId> train_copies_;
  std::vector<CopyId> refused_;

  // Health since the last report.
  std::uint64_t next_report_ns_ = 0;
  std::uint64_t late_copies_ = 0;
  std::uint64_t late_max_ns_ = 0;
  CopyId latest_{};  // the copy that was as late as that
  std::vector<std::uint64_t> late_ns_;
  std::uint64_t expected_ns_ = 0;  // when the wait that ended last should have ended at the latest
};

}  // namespace labreel
