#include "engine/clock/real_time_loop.h"

#include <sys/epoll.h>
#include <time.h>

#include <algorithm>

#include "engine/os/system_call.h"
#include "engine/text/host_notes.h"

namespace labreel {
namespace {

constexpr int kEventsATurn = 64;
constexpr int kFramesABurst = 64;                     // one busy port may not keep the others waiting
constexpr int kFramesLeft_max = 1 << 17;              // more than a device's queue holds, each of its packets cut into frames
constexpr std::uint64_t kReportInterval_ns = 1'000'000'000;
constexpr std::uint64_t kLate_ns = 1'000'000;    // a delivery later than this is reported
constexpr std::size_t kLateKept = 4096;           // of one report, for their median
constexpr std::uint64_t kStall_ns = 50'000'000;  // a turn longer than this is a stall

}  // namespace

RealTimeLoop::RealTimeLoop(Fabric& fabric, EventSink& sink, LabTime begin)
    : fabric_(fabric),
      sink_(sink),
      epoll_(checked("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))),
      now_(begin) {
  origin_ns_ = read_clock_ns() - begin.ns;  // it may wrap, and wraps back whenever the clock is read
  next_report_ns_ = begin.ns + kReportInterval_ns;
}

RealTimeLoop::~RealTimeLoop() = default;

std::uint64_t RealTimeLoop::read_clock_ns() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec) - origin_ns_;
}

void RealTimeLoop::add(std::unique_ptr<Watch> watch) {
  if (watch->port == kNoPort || !is_paused(watch->port)) read(*watch);
  watches_.push_back(std::move(watch));
}

void RealTimeLoop::read(Watch& watch) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &watch;
  checked("epoll_ctl add", ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, watch.fd, &event));
  watch.is_read = true;
}

void RealTimeLoop::leave_unread(Watch& watch) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, watch.fd, nullptr);
  watch.is_read = false;
}

bool RealTimeLoop::is_paused(PortId port) const {
  const PortInfo* const info = fabric_.topology().find(port);
  const NodeInfo* const node = info == nullptr ? nullptr : fabric_.topology().find(info->added.node);
  return node != nullptr && node->paused;
}

void RealTimeLoop::read_ports_of(NodeId node, bool wanted) {
  for (Watch* const watch : port_watches_) {
    if (watch == nullptr || watch->is_read == wanted) continue;
    const PortInfo* const port = fabric_.topology().find(watch->port);
    if (port == nullptr || port->added.node != node) continue;
    wanted ? read(*watch) : leave_unread(*watch);
  }
}

// The watch itself lives until the end of the turn: its callback may be the one that runs now.
void RealTimeLoop::remove(Watch& watch) {
  leave_unread(watch);
  watch.dead = true;
  some_dead_ = true;
}

void RealTimeLoop::attach(PortId port, std::unique_ptr<Transport> transport) {
  auto watch = std::make_unique<Watch>();
  watch->fd = transport->fd();
  watch->port = port;
  watch->transport = std::move(transport);
  const std::size_t index = index_of(port);
  if (port_watches_.size() <= index) port_watches_.resize(index + 1, nullptr);
  LABREEL_CHECK(port_watches_[index] == nullptr);
  port_watches_[index] = watch.get();
  add(std::move(watch));
}

void RealTimeLoop::detach(PortId port) {
  const std::size_t index = index_of(port);
  if (index >= port_watches_.size() || port_watches_[index] == nullptr) return;
  Watch& watch = *port_watches_[index];
  port_watches_[index] = nullptr;
  remove(watch);
  watch.transport.reset();  // the node's interface goes with it
}

void RealTimeLoop::take_last(PortId port) {
  const std::size_t index = index_of(port);
  if (index >= port_watches_.size() || port_watches_[index] == nullptr) return;
  Watch& watch = *port_watches_[index];
  const PortInfo* const info = fabric_.topology().find(port);
  if (info != nullptr && !info->removed) receive_burst(watch, kFramesLeft_max);
  poll_kernel_drops_of(watch);
}

void RealTimeLoop::watch(int fd, std::function<void()> on_readable) {
  LABREEL_CHECK(!callback_watches_.contains(fd));
  auto watch = std::make_unique<Watch>();
  watch->fd = fd;
  watch->on_readable = std::move(on_readable);
  callback_watches_[fd] = watch.get();
  add(std::move(watch));
}

void RealTimeLoop::unwatch(int fd) {
  const auto found = callback_watches_.find(fd);
  if (found == callback_watches_.end()) return;
  remove(*found->second);
  callback_watches_.erase(found);
}

TimerId RealTimeLoop::call_at(LabTime when, std::function<void()> call) {
  const TimerId id{++last_timer_};
  timers_.emplace(when.ns, Timer{id, std::move(call)});
  return id;
}

void RealTimeLoop::cancel(TimerId timer) {
  std::erase_if(timers_, [timer](const auto& entry) { return entry.second.id == timer; });
}

Result<Seq> RealTimeLoop::apply(Seq cause, const EventBody& effect) {
  auto outcomes = fabric_.apply(effect, now_);
  if (!outcomes) return std::move(outcomes).error();
  const Seq seq = sink_.append(now_, cause, effect);
  for (const Outcome& outcome : *outcomes) sink_.append(now_, seq, outcome);
  if (const auto* const paused = std::get_if<NodePaused>(&effect)) read_ports_of(paused->node, false);
  if (const auto* const resumed = std::get_if<NodeResumed>(&effect)) read_ports_of(resumed->node, true);
  deliver();
  return seq;
}

Result<Seq> RealTimeLoop::inject(Seq cause, PortId port, Bytes frame) {
  const auto copies = fabric_.arrive(port, frame, now_, sink_.next_seq());
  if (!copies) return copies.error();
  const Seq seq = sink_.append(now_, cause, Frame{port, frame, *copies, static_cast<std::uint32_t>(frame.size())});
  LABREEL_CHECK(fabric_.advance(now_).ok());
  deliver();
  return seq;
}

// Gives the waiting deliveries to their port, as many at a time as it takes at one go.
void RealTimeLoop::send_train() {
  const std::size_t index = index_of(train_port_);
  Watch* const watch = index < port_watches_.size() ? port_watches_[index] : nullptr;
  for (std::size_t at = 0; at < train_.size();) {
    const Transport::Sent sent =
        watch != nullptr ? watch->transport->send_together(std::span(train_).subspan(at)) : Transport::Sent{train_.size(), false};
    for (const std::size_t end = at + sent.frames; at < end; ++at) {
      if (!sent.accepted) refused_.push_back(train_copies_[at]);
    }
  }
  train_.clear();
  train_copies_.clear();
}

// Makes what is due at `now_` leave, then settles what the nodes would not take.
void RealTimeLoop::deliver() {
  fabric_.drain([this](const Delivery& delivery) {
    if (delivery.port != train_port_) send_train();
    train_port_ = delivery.port;
    train_.push_back(delivery.bytes);
    train_copies_.push_back({delivery.frame, delivery.copy});
    const std::uint64_t late_ns = now_.ns - delivery.due.ns;
    if (late_ns > kLate_ns) note_late(late_ns, {delivery.frame, delivery.copy});
  });
  send_train();
  for (const CopyId& refused : refused_) {
    const auto outcome = fabric_.refuse(refused.frame, refused.copy, now_);
    LABREEL_CHECK(outcome.ok());
    sink_.append(now_, refused.frame, *outcome);
  }
  refused_.clear();
}

void RealTimeLoop::begin_batch() {
  now_.ns = std::max(now_.ns, read_clock_ns());
  LABREEL_CHECK(fabric_.advance(now_).ok());
  deliver();
}

void RealTimeLoop::receive_burst(Watch& watch, int frames_max) {
  for (int taken = 0; taken < frames_max && !watch.dead;) {
    const auto received = watch.transport->receive(arrival_);
    // The interface is gone; the spawner will say why. Without this, epoll would report it for ever.
    if (received == Transport::Received::closed) leave_unread(watch);
    if (received != Transport::Received::frame) break;
    for (Bytes frame; arrival_.next(frame); ++taken) {
      const auto copies = fabric_.arrive(watch.port, frame, now_, sink_.next_seq());
      LABREEL_CHECK(copies.ok());
      sink_.append_frame(now_, watch.port, frame, *copies);
    }
  }
  LABREEL_CHECK(fabric_.advance(now_).ok());
  deliver();
}

void RealTimeLoop::run_due_timers() {
  while (!timers_.empty() && timers_.begin()->first <= now_.ns) {
    const auto call = std::move(timers_.begin()->second.call);
    timers_.erase(timers_.begin());
    call();
    begin_batch();
  }
}

int RealTimeLoop::wait(epoll_event* events, int capacity) {
  std::uint64_t until_ns = std::min(fabric_.next_due().ns, next_report_ns_);
  if (!timers_.empty()) until_ns = std::min(until_ns, timers_.begin()->first);
  const std::uint64_t clock_ns = read_clock_ns();
  const std::uint64_t wait_ns = until_ns > clock_ns ? until_ns - clock_ns : 0;
  expected_ns_ = clock_ns + wait_ns;
  const timespec timeout{static_cast<time_t>(wait_ns / 1'000'000'000U), static_cast<long>(wait_ns % 1'000'000'000U)};
  const int count = ::epoll_pwait2(epoll_.get(), events, capacity, &timeout, nullptr);
  if (count < 0 && errno == EINTR) return 0;
  return checked("epoll_pwait2", count);
}

void RealTimeLoop::turn() {
  epoll_event events[kEventsATurn];
  const int count = wait(events, kEventsATurn);
  begin_batch();
  const LabTime turn_began = now_;
  if (now_.ns > expected_ns_ + kStall_ns) {
    keep_note(sink_, StallNote{LabTime{expected_ns_}, now_, static_cast<std::uint64_t>(count)});
  }
  for (int i = 0; i < count; ++i) {
    auto& watch = *static_cast<Watch*>(events[i].data.ptr);
    if (!watch.dead && watch.is_read && watch.transport) receive_burst(watch, kFramesABurst);
  }
  for (int i = 0; i < count; ++i) {
    auto& watch = *static_cast<Watch*>(events[i].data.ptr);
    if (watch.dead || !watch.on_readable) continue;
    begin_batch();
    watch.on_readable();
  }
  run_due_timers();
  if (now_.ns >= next_report_ns_) report_health();
  if (some_dead_) {
    std::erase_if(watches_, [](const auto& watch) { return watch->dead; });
    some_dead_ = false;
  }
  const std::uint64_t ended_ns = read_clock_ns();
  if (ended_ns - turn_began.ns > kStall_ns) {
    keep_note(sink_, StallNote{turn_began, LabTime{ended_ns}, static_cast<std::uint64_t>(count)});
  }
}

void RealTimeLoop::poll_kernel_drops() {
  for (const auto& watch : watches_) {
    if (!watch->dead && watch->transport) poll_kernel_drops_of(*watch);
  }
}

void RealTimeLoop::poll_kernel_drops_of(Watch& watch) {
  const std::uint64_t drops = watch.transport->dropped_before_us();
  if (drops <= watch.kernel_drops) return;
  Gap gap;
  gap.where = GapPlace::before_fabric;
  gap.frames = drops - watch.kernel_drops;
  gap.reason = "the kernel's queue between node and fabric was full or closed";
  gap.port = watch.port;
  sink_.append(now_, Seq{}, gap);
  watch.kernel_drops = drops;
}

void RealTimeLoop::note_late(std::uint64_t late_ns, CopyId copy) {
  ++late_copies_;
  if (late_ns_.size() < kLateKept) late_ns_.push_back(late_ns);
  if (late_ns <= late_max_ns_) return;
  late_max_ns_ = late_ns;
  latest_ = copy;
}

void RealTimeLoop::report_health() {
  poll_kernel_drops();
  if (late_copies_ > 0) {
    const auto middle = late_ns_.begin() + static_cast<std::ptrdiff_t>(late_ns_.size() / 2);
    std::nth_element(late_ns_.begin(), middle, late_ns_.end());
    keep_note(sink_, LatenessNote{late_copies_, late_max_ns_, now_, *middle, latest_.frame, latest_.copy});
    late_copies_ = 0;
    late_max_ns_ = 0;
    late_ns_.clear();
  }
  next_report_ns_ = now_.ns + kReportInterval_ns;
}

}  // namespace labreel
