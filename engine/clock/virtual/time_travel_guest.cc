#include "engine/clock/virtual/time_travel_guest.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

enum TimeKind : std::uint32_t { kAck, kStart, kRequest, kWait, kGet, kUpdate, kRun, kFreeUntil, kGetTimeOfDay };

constexpr std::uint32_t kNoAnswer = 0;               // the number of a message that wants none
constexpr std::uint64_t kOutputReturned_ns = 1'000;  // from a frame's sending to the interrupt that frees its buffer
constexpr std::uint64_t kTypeAgain_ns = 1'000'000;   // when the serial port had no room
constexpr std::uint64_t kNever_ns = std::uint64_t{1} << 62U;  // a request beyond this is none
constexpr std::size_t kConsoleKept_bytes = 1U << 16U;
constexpr std::size_t kSerialMax_bytes = 64U << 20U;  // in one window

}  // namespace

struct TimeTravelGuest::Device {
  PortId port = kNoPort;  // none: the serial port
  OwnedFd listener;
  VhostDevice vhost;
  std::string typed = {};  // and not yet taken
};

TimeTravelGuest::TimeTravelGuest(LabTime origin, GuestSockets sockets, std::function<void()> on_window_done,
                                 int silence_ms)
    : origin_(origin),
      sockets_(std::move(sockets)),
      on_window_done_(std::move(on_window_done)),
      silence_ms_(silence_ms) {}

TimeTravelGuest::~TimeTravelGuest() = default;

void TimeTravelGuest::add_network_card(PortId port, OwnedFd listener, DeviceProfile profile) {
  devices_.push_back(std::make_unique<Device>(Device{port, std::move(listener), VhostDevice(std::move(profile))}));
}

void TimeTravelGuest::add_serial_port(OwnedFd listener) {
  devices_.push_back(std::make_unique<Device>(Device{kNoPort, std::move(listener), VhostDevice(serial_port())}));
}

void TimeTravelGuest::end(std::string why) {
  if (ended_) return;
  ended_ = true;
  end_reason_ = std::move(why);
}

std::uint64_t TimeTravelGuest::request_ns() const {
  return requested_ns_ && *requested_ns_ < kNever_ns ? *requested_ns_ : kNever.ns;
}

LabTime TimeTravelGuest::next() const {
  if (ended_) return kNever;
  if (!started_) return paused_ ? kNever : origin_;
  const std::uint64_t next_ns = paused_ ? first_parcel_ns() : std::min(request_ns(), first_chore_ns());
  return next_ns == kNever.ns ? kNever : to_lab(std::max(next_ns, now_ns_));
}

std::uint64_t TimeTravelGuest::first_parcel_ns() const {
  std::uint64_t first_ns = kNever.ns;
  for (const Chore& chore : chores_) {
    if (chore.kind == Chore::Kind::parcel) first_ns = std::min(first_ns, chore.at_ns);
  }
  return first_ns;
}

void TimeTravelGuest::add_chore(Chore chore) {
  chore.order = chore_order_++;
  chores_.push_back(std::move(chore));
  std::push_heap(chores_.begin(), chores_.end());
}

void TimeTravelGuest::deliver(Parcel parcel) {
  if (ended_) {
    refused.push_back({parcel.due, parcel.frame, parcel.copy, parcel.port});
    return;
  }
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (devices_[i]->port != parcel.port) continue;
    Chore chore;
    chore.at_ns = to_guest(parcel.due);
    chore.device = i;
    chore.parcel = std::move(parcel);
    add_chore(std::move(chore));
    return;
  }
}

void TimeTravelGuest::type(LabTime at, std::string bytes) {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (devices_[i]->port != kNoPort) continue;
    Chore chore;
    chore.kind = Chore::Kind::typed;
    chore.at_ns = to_guest(at);
    chore.device = i;
    chore.typed = std::move(bytes);
    add_chore(std::move(chore));
  }
}

void TimeTravelGuest::pause(LabTime at) {
  if (!paused_) paused_ = at;
}

// A guest must run at exactly the times that it asked for, so its clock cannot have gone on.
void TimeTravelGuest::resume(LabTime at) {
  if (!paused_) return;
  origin_.ns += at.ns - paused_->ns;
  paused_.reset();
}

// --- time ---

void TimeTravelGuest::run_until(LabTime end) {
  window_end_ns_ = to_guest(end);
  if (paused_) return refuse_parcels();
  if (!started_) boot();
  while (!ended_) {
    const std::uint64_t chore_ns = first_chore_ns();
    const std::uint64_t at_ns = std::max(std::min(request_ns(), chore_ns), now_ns_);
    if (at_ns >= window_end_ns_) break;
    now_ns_ = at_ns;
    if (chore_ns <= request_ns()) {
      std::pop_heap(chores_.begin(), chores_.end());
      Chore chore = std::move(chores_.back());
      chores_.pop_back();
      do_chore(std::move(chore));
    } else {
      run(at_ns);
    }
  }
  read_console();
  if (ended_) refuse_parcels();
}

// A machine that is frozen, or has ended, hears nothing.
void TimeTravelGuest::refuse_parcels() {
  std::sort_heap(chores_.begin(), chores_.end());  // the next is last
  std::reverse(chores_.begin(), chores_.end());
  std::erase_if(chores_, [this](const Chore& chore) {
    const bool comes_due = chore.kind == Chore::Kind::parcel && chore.at_ns < window_end_ns_;
    if (comes_due)
      refused.push_back(
          {std::max(chore.parcel.due, lab_now()), chore.parcel.frame, chore.parcel.copy, chore.parcel.port});
    return comes_due;
  });
  std::make_heap(chores_.begin(), chores_.end());
}

void TimeTravelGuest::boot() {
  started_ = true;
  for (;;) {
    std::vector<pollfd> fds{{sockets_.time.get(), POLLIN, 0}, {sockets_.console.get(), POLLIN, 0}};
    if (poll_once(fds) <= 0 || ended_) return;
    if ((fds[0].revents & POLLIN) != 0) break;
    read_console();
  }
  time_ = Channel(OwnedFd(::accept4(sockets_.time.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  sockets_.time.reset();
  TimeMessage start{};
  const auto some = time_.read(std::as_writable_bytes(std::span(&start, 1)));
  if (!some || !*some || start.kind != kStart) return end("it does not speak time travel");
  answer(start, 0);
  serve_until_waiting();
}

// Lets the guest run at a moment, and on as far as nothing can happen to it.
void TimeTravelGuest::run(std::uint64_t at_ns) {
  requested_ns_.reset();
  free_until_ns_ = std::min(window_end_ns_, first_chore_ns());
  const std::array<TimeMessage, 2> messages{{{kFreeUntil, kNoAnswer, free_until_ns_}, {kRun, kNoAnswer, at_ns}}};
  if (const auto sent_both = time_.write(std::as_bytes(std::span(messages))); !sent_both) return end("");
  waiting_ = false;
  serve_until_waiting();
}

// Handles what has come about time.
void TimeTravelGuest::hear_time() {
  auto* const buffer = reinterpret_cast<char*>(arrived_.data());
  const ssize_t got = ::recv(time_.fd(), buffer + arrived_bytes_, sizeof arrived_ - arrived_bytes_, MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return end("");
  if (got < 0) return;
  arrived_bytes_ += static_cast<std::size_t>(got);
  const std::size_t whole = arrived_bytes_ / sizeof(TimeMessage);
  for (std::size_t i = 0; i < whole && !ended_; ++i) handle(arrived_[i]);
  arrived_bytes_ %= sizeof(TimeMessage);
  std::memmove(buffer, buffer + whole * sizeof(TimeMessage), arrived_bytes_);
}

void TimeTravelGuest::handle(const TimeMessage& message) {
  switch (message.kind) {
    case kRequest:
      requested_ns_ = message.time_ns;
      return answer(message, 0);
    case kWait:
      waiting_ = true;
      return answer(message, 0);
    case kGet:
      return answer(message, now_ns_);
    case kUpdate:
      if (message.time_ns < now_ns_ || message.time_ns >= std::max(window_end_ns_, now_ns_ + 1)) {
        return end("its clock went from " + std::to_string(now_ns_) + " to " + std::to_string(message.time_ns) +
                   " ns unasked");
      }
      now_ns_ = message.time_ns;
      return answer(message, 0);
    default:
      return end("it sent time travel message " + std::to_string(message.kind));
  }
}

void TimeTravelGuest::answer(const TimeMessage& message, std::uint64_t time_ns) {
  if (message.sequence == kNoAnswer) return;
  const TimeMessage ack{kAck, message.sequence, time_ns};
  if (const auto sent_one = time_.write(std::as_bytes(std::span(&ack, 1))); !sent_one) end("");
}

int TimeTravelGuest::poll_once(std::vector<pollfd>& fds) {
  const int ready = retried([&] { return ::poll(fds.data(), fds.size(), silence_ms_); });
  if (ready == 0) {
    end((started_ && time_.is_open() ? "a program in it spins" : "it does not boot") + std::string(": it ran for ") +
        std::to_string(silence_ms_ / 1000) + " s of wall-clock time without letting lab time go on");
  }
  return ready;
}

// A kick comes after its time was told, on another socket: that one is read again when the kick is there.
void TimeTravelGuest::serve_until_waiting() {
  std::vector<pollfd> fds;
  while (!ended_ && !waiting_) {
    fds.assign({{time_.fd(), POLLIN, 0}, {sockets_.console.get(), POLLIN, 0}});
    for (const auto& device : devices_) {
      fds.push_back({device->vhost.is_connected() ? device->vhost.fd() : device->listener.get(), POLLIN, 0});
    }
    if (poll_once(fds) <= 0) continue;
    if (fds[1].revents != 0) read_console();
    hear_time();
    for (std::size_t i = 0; i < devices_.size() && !ended_; ++i) {
      if (fds[i + 2].revents != 0) serve_device(*devices_[i]);
    }
  }
}

// Everything printed before the guest waits is in the pipe by then, since its console writes block.
void TimeTravelGuest::read_console() {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = retried([&] { return ::read(sockets_.console.get(), buffer.data(), buffer.size()); });
    if (got == 0) end("");  // all its processes are gone
    if (got <= 0) return;
    console_.append(buffer.data(), static_cast<std::size_t>(got));
    if (console_.size() > 2 * kConsoleKept_bytes) console_.erase(0, console_.size() - kConsoleKept_bytes);
  }
}

// --- devices ---

void TimeTravelGuest::serve_device(Device& device) {
  if (!device.vhost.is_connected()) {
    if (!device.listener.is_open()) return;
    device.vhost.connect(OwnedFd(::accept4(device.listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    device.listener.reset();
    return;
  }
  const auto served = device.vhost.serve([&](Bytes bytes) { take_output(device, bytes); });
  if (!served) return end(served.error().what);
  if (!served->kicked) return;
  if (served->returned) {
    Chore chore;
    chore.kind = Chore::Kind::output_returned;
    chore.at_ns = now_ns_ + kOutputReturned_ns;
    chore.device = static_cast<std::size_t>(
        std::find_if(devices_.begin(), devices_.end(), [&](const auto& each) { return each.get() == &device; }) -
        devices_.begin());
    add_chore(std::move(chore));
  }
  free_until_ns_ = std::min(free_until_ns_, first_chore_ns());
  if (const auto answered = device.vhost.answer_kick(free_until_ns_); !answered) end("");
}

void TimeTravelGuest::take_output(Device& device, Bytes bytes) {
  if (device.port != kNoPort) {
    sent.push_back({lab_now(), device.port, {bytes.begin(), bytes.end()}});
    return;
  }
  if (serial_.size() + bytes.size() > kSerialMax_bytes)
    return end("it prints without end, and virtual time stands still");
  serial_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// The guest takes the interrupt while it waits, and asks to run now.
void TimeTravelGuest::interrupt(Device& device, VhostDevice::Queue queue) {
  if (!device.vhost.wants_interrupt(queue)) return;
  if (const auto sent_one = device.vhost.send_interrupt(queue, now_ns_); !sent_one) return end("");
  std::vector<pollfd> fds{{time_.fd(), POLLIN, 0}, {device.vhost.interrupt_fd(), POLLIN, 0}};
  while (!ended_ && fds[1].revents == 0) {
    if (poll_once(fds) > 0) hear_time();
  }
  if (ended_) return;
  if (const auto answered = device.vhost.read_interrupt_answer(); !answered) end(answered.error().what);
}

void TimeTravelGuest::do_chore(Chore chore) {
  Device& device = *devices_[chore.device];
  switch (chore.kind) {
    case Chore::Kind::parcel:
      return give_parcel(chore.parcel, device);
    case Chore::Kind::output_returned:
      return interrupt(device, VhostDevice::kOutput);
    case Chore::Kind::typed:
      return give_typed(chore, device);
  }
}

void TimeTravelGuest::give_parcel(const Parcel& parcel, Device& device) {
  const auto put = device.vhost.put_input(*parcel.bytes);
  if (!put) return end(put.error().what);
  if (*put == 0) {
    refused.push_back({lab_now(), parcel.frame, parcel.copy, parcel.port});
    return;
  }
  interrupt(device, VhostDevice::kInput);
}

// What its ring has no room for waits with the device, so that what is typed later comes later.
void TimeTravelGuest::give_typed(const Chore& chore, Device& device) {
  device.typed += chore.typed;
  if (device.typed.empty()) return;
  const auto put = device.vhost.put_input(std::as_bytes(std::span(device.typed)));
  if (!put) return end(put.error().what);
  if (*put > 0) interrupt(device, VhostDevice::kInput);
  device.typed.erase(0, *put);
  if (device.typed.empty()) return;
  Chore again;
  again.kind = Chore::Kind::typed;
  again.at_ns = now_ns_ + kTypeAgain_ns;
  again.device = chore.device;
  add_chore(std::move(again));
}

}  // namespace labreel
