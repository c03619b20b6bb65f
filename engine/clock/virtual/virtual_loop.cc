#include "engine/clock/virtual/virtual_loop.h"

#include <sys/epoll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "engine/os/system_call.h"
#include "engine/text/host_notes.h"

namespace labreel {
namespace {

constexpr int kWatchesATurn = 64;

bool due_later(const Parcel& a, const Parcel& b) {
  return std::tie(b.due, b.frame, b.copy) < std::tie(a.due, a.frame, a.copy);
}

// Returns the least that a direction delays a frame.
std::uint64_t least_delay_ns(const CableSettings& settings) {
  return settings.delay_ns - std::min(settings.delay_ns, settings.jitter_ns);
}

std::shared_ptr<const std::vector<std::byte>> corrupted(Bytes frame, const Copy& copy) {
  auto bytes = std::make_shared<std::vector<std::byte>>(frame.begin(), frame.end());
  if (copy.corrupt_byte < bytes->size()) (*bytes)[copy.corrupt_byte] ^= std::byte{1} << copy.corrupt_bit();
  return bytes;
}

std::uint64_t wall_clock_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

std::uint64_t window_ns(const Topology& topology) {
  std::uint64_t least_ns = kWindowMax_ns;
  for (const LinkInfo& link : topology.links()) {
    if (link.removed) continue;
    for (const PortId port : link.added.ports)
      least_ns = std::min(least_ns, least_delay_ns(topology.ports()[index_of(port)].out));
  }
  for (const LanInfo& lan : topology.lans()) {
    if (lan.removed) continue;
    std::uint64_t out_ns = kWindowMax_ns;
    std::uint64_t in_ns = kWindowMax_ns;
    for (const PortId port : lan.ports) {
      out_ns = std::min(out_ns, least_delay_ns(topology.ports()[index_of(port)].out));
      in_ns = std::min(in_ns, least_delay_ns(topology.ports()[index_of(port)].in));
    }
    least_ns = std::min(least_ns, out_ns + in_ns);
  }
  return std::max(least_ns, kWindowMin_ns);
}

VirtualLoop::VirtualLoop(Fabric& fabric, EventSink& sink, const VirtualLoopOptions& options)
    : fabric_(fabric),
      sink_(sink),
      options_(options),
      crew_(options.threads),
      epoll_(checked("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))),
      origin_ns_(wall_clock_ns()) {}

VirtualLoop::~VirtualLoop() = default;

void VirtualLoop::add(VirtualGuest& guest, std::size_t place) { guests_.push_back({&guest, place}); }

void VirtualLoop::remove(VirtualGuest& guest) {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i] == &guest) detach(PortId{static_cast<std::uint32_t>(i)});
  }
  std::erase_if(guests_, [&](const Place& place) { return place.guest == &guest; });
}

void VirtualLoop::attach(PortId port, VirtualGuest& guest) {
  const std::size_t index = index_of(port);
  if (ports_.size() <= index) ports_.resize(index + 1, nullptr);
  LABREEL_CHECK(ports_[index] == nullptr);
  ports_[index] = &guest;
}

void VirtualLoop::detach(PortId port) {
  if (guest_at(port) == nullptr) return;
  ports_[index_of(port)] = nullptr;
  // What has come due for the fabric but is not with the guest yet will never be.
  const auto orphans = std::stable_partition(due_at_barrier_.begin(), due_at_barrier_.end(),
                                             [&](const RefusedParcel& parcel) { return parcel.port != port; });
  const std::vector<RefusedParcel> lost(orphans, due_at_barrier_.end());
  due_at_barrier_.erase(orphans, due_at_barrier_.end());
  for (const RefusedParcel& parcel : lost) refuse(parcel);
}

VirtualGuest* VirtualLoop::guest_at(PortId port) const {
  const std::size_t index = index_of(port);
  return index < ports_.size() ? ports_[index] : nullptr;
}

TimerId VirtualLoop::call_at(LabTime when, std::function<void()> call) {
  const TimerId id{++last_timer_};
  timers_.emplace(std::max({when, now_, barrier_}).ns, Timer{id, std::move(call)});
  return id;
}

void VirtualLoop::cancel(TimerId timer) {
  std::erase_if(timers_, [timer](const auto& entry) { return entry.second.id == timer; });
}

void VirtualLoop::watch(int fd, std::function<void()> on_readable) {
  LABREEL_CHECK(!watches_.contains(fd));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  checked("epoll_ctl add", ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event));
  watches_[fd] = std::move(on_readable);
}

void VirtualLoop::unwatch(int fd) {
  if (watches_.erase(fd) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Result<Seq> VirtualLoop::apply(Seq cause, const EventBody& effect) {
  auto outcomes = fabric_.apply(effect, now_);
  if (!outcomes) return std::move(outcomes).error();
  window_ns_ = 0;
  forget(*outcomes);
  const Seq seq = sink_.append(now_, cause, effect);
  for (const Outcome& outcome : *outcomes) sink_.append(now_, seq, outcome);
  take_deliveries();
  return seq;
}

void VirtualLoop::forget(const std::vector<Outcome>& ended) {
  if (ended.empty()) return;
  std::erase_if(parcels_, [&](const Parcel& parcel) {
    return std::any_of(ended.begin(), ended.end(), [&](const Outcome& outcome) {
      return outcome.frame == parcel.frame && outcome.copy == parcel.copy;
    });
  });
  std::make_heap(parcels_.begin(), parcels_.end(), due_later);
}

LabTime VirtualLoop::next_of_guests() const {
  LabTime next = parcels_.empty() ? kNever : parcels_.front().due;
  for (const Place& place : guests_) next = std::min(next, place.guest->next());
  return next;
}

void VirtualLoop::turn() {
  now_ = barrier_;
  serve_watches(std::min(next_of_guests(), next_timer()));
  LabTime next = next_of_guests();
  if (next_timer() <= next) {
    if (next_timer() == kNever) return;  // nothing will happen unless somebody asks
    now_ = LabTime{timers_.begin()->first};
    advance(now_);
    run_timers();
    next = next_of_guests();
    if (next > now_) {
      barrier_ = now_ + 1;  // nothing else happens at this moment: it has passed
      now_ = barrier_;
      return;
    }
  }
  run_window(std::max(next, now_));
}

// Waits until there is something to do: not at all, unless only the wall clock or a person can bring it.
int VirtualLoop::wait_ms(LabTime next) const {
  constexpr std::uint64_t kLongest_ms = 1'000;
  if (next == kNever) return -1;
  if (!options_.real_pace) return 0;
  const std::uint64_t wall_ns = wall_clock_ns() - origin_ns_;
  if (next.ns <= wall_ns) return 0;
  return static_cast<int>(std::min((next.ns - wall_ns + 999'999) / 1'000'000, kLongest_ms));
}

void VirtualLoop::keep_real_pace() {
  options_.real_pace = true;
  origin_ns_ = wall_clock_ns() - now_.ns;  // it may wrap, and wraps back whenever the clock is read
}

void VirtualLoop::serve_watches(LabTime next) {
  for (bool due = false; !due;) {
    if (next == kNever && watches_.empty()) return;
    const int timeout_ms = wait_ms(next);
    due = timeout_ms == 0;
    std::array<epoll_event, kWatchesATurn> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), kWatchesATurn, timeout_ms);
    if (count < 0 && errno == EINTR) return;
    checked("epoll_wait", count);
    for (int i = 0; i < count; ++i) {
      const auto found = watches_.find(events[static_cast<std::size_t>(i)].data.fd);
      if (found == watches_.end()) continue;  // an earlier one unwatched it
      const auto call = found->second;
      call();
    }
    if (count > 0) return;
  }
}

void VirtualLoop::run_timers() {
  while (!timers_.empty() && timers_.begin()->first <= now_.ns) {
    const auto call = std::move(timers_.begin()->second.call);
    timers_.erase(timers_.begin());
    call();
  }
}

void VirtualLoop::run_window(LabTime begin) {
  if (window_ns_ == 0) window_ns_ = window_ns(fabric_.topology());
  const LabTime end = std::min(begin + window_ns_, next_timer());
  ++windows_;
  hand_over(begin, end);
  std::vector<VirtualGuest*> active;
  for (const Place& place : guests_) {
    VirtualGuest* const guest = place.guest;
    if (guest->next() >= end) continue;
    active.push_back(guest);
    crew_.add(place.thread, [guest, end] { guest->run_until(end); });
  }
  crew_.work();
  settle(end);
  for (VirtualGuest* const guest : active) {
    const bool still_there =
        std::any_of(guests_.begin(), guests_.end(), [&](const Place& place) { return place.guest == guest; });
    if (still_there) guest->window_done();
  }
}

// Gives the guests the copies that come due in the window.
void VirtualLoop::hand_over(LabTime begin, LabTime end) {
  while (!parcels_.empty() && parcels_.front().due < end) {
    std::pop_heap(parcels_.begin(), parcels_.end(), due_later);
    Parcel parcel = std::move(parcels_.back());
    parcels_.pop_back();
    VirtualGuest* const guest = guest_at(parcel.port);
    if (guest == nullptr) continue;  // refused when it comes due, or already when the guest left
    if (parcel.due < begin) ++handed_over_late_;
    parcel.due = std::max(parcel.due, begin);
    guest->deliver(std::move(parcel));
  }
  handed_over_ = end;
  due_at_barrier_.clear();
}

// Tells the fabric what happened in the window, in order, and records it.
void VirtualLoop::settle(LabTime end) {
  struct Happening {
    LabTime at;
    PortId port;
    const SentFrame* sent;  // refusals come before frames of the same time: their copies came due first
    const RefusedParcel* refused;
    auto key() const { return std::tuple(at, sent != nullptr, port); }
  };
  std::vector<Happening> happenings;
  for (const Place& place : guests_) {
    for (const SentFrame& frame : place.guest->sent) happenings.push_back({frame.at, frame.port, &frame, nullptr});
    for (const RefusedParcel& parcel : place.guest->refused)
      happenings.push_back({parcel.at, parcel.port, nullptr, &parcel});
  }
  std::stable_sort(happenings.begin(), happenings.end(),
                   [](const auto& a, const auto& b) { return a.key() < b.key(); });
  barrier_ = end;  // whoever hears of these frames and wants to do something about them comes after them
  for (const Happening& happening : happenings) {
    LABREEL_CHECK(happening.at < end);
    now_ = std::max(now_, happening.at);
    advance(now_);
    if (happening.sent != nullptr) {
      arrive(*happening.sent);
    } else {
      refuse(*happening.refused);
    }
  }
  for (const Place& place : guests_) {
    place.guest->sent.clear();
    place.guest->refused.clear();
  }
  advance(LabTime{end.ns - 1});
  now_ = end;
}

void VirtualLoop::arrive(const SentFrame& frame) {
  if (guest_at(frame.port) == nullptr) return;  // the port was pulled out; the guest does not know yet
  const auto copies = fabric_.arrive(frame.port, frame.bytes, now_, sink_.next_seq());
  LABREEL_CHECK(copies.ok());
  const Seq seq = sink_.append_frame(now_, frame.port, frame.bytes, *copies);
  std::shared_ptr<const std::vector<std::byte>> intact;
  for (std::uint32_t i = 0; i < copies->size(); ++i) {
    const Copy& copy = (*copies)[i];
    if (!copy.scheduled()) continue;
    const bool as_sent = (copy.flags & kCorrupted) == 0;
    if (as_sent && !intact) intact = std::make_shared<const std::vector<std::byte>>(frame.bytes);
    if (copy.due < handed_over_) due_at_barrier_.push_back({copy.due, seq, i, copy.port});
    parcels_.push_back({copy.due, seq, i, copy.port, as_sent ? intact : corrupted(frame.bytes, copy)});
    std::push_heap(parcels_.begin(), parcels_.end(), due_later);
  }
}

void VirtualLoop::refuse(const RefusedParcel& parcel) {
  const auto outcome = fabric_.refuse(parcel.frame, parcel.copy, now_);
  if (outcome) {
    sink_.append(now_, parcel.frame, *outcome);
    return;
  }
  // It was handed over late, so the fabric has counted it as delivered already.
  Gap gap;
  gap.where = GapPlace::after_fabric;
  gap.frames = 1;
  gap.reason = "a copy that was handed over late found no room in the node's ring";
  gap.port = parcel.port;
  sink_.append(now_, parcel.frame, gap);
}

void VirtualLoop::advance(LabTime at) {
  LABREEL_CHECK(fabric_.advance(at).ok());
  take_deliveries();
}

// The guests have these copies already, or get them in the next window: only those without a guest are settled here.
void VirtualLoop::take_deliveries() {
  std::vector<RefusedParcel> unclaimed;
  fabric_.drain([&](const Delivery& delivery) {
    const RefusedParcel parcel{delivery.due, delivery.frame, delivery.copy, delivery.port};
    if (guest_at(delivery.port) == nullptr) {
      unclaimed.push_back(parcel);
    } else if (delivery.due >= handed_over_) {
      due_at_barrier_.push_back(parcel);
    }
  });
  for (const RefusedParcel& parcel : unclaimed) refuse(parcel);
}

void VirtualLoop::report_health() {
  if (handed_over_late_ == 0) return;
  keep_note(sink_, LatenessNote{.copies = handed_over_late_, .until = now_});
  handed_over_late_ = 0;
}

}  // namespace labreel
