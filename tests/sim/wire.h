// Wire: what a simulated machine and the fabric's port share; and WirePort, the port's transport.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "engine/transports/transport.h"

namespace labreel::sim {

// A descriptor that is readable from raise() to lower().
class Flag {
 public:
  Flag() : fd_(checked("eventfd", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {}
  int fd() const { return fd_.get(); }
  void raise() {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(fd_.get(), &one, sizeof one));
  }
  void lower() {
    std::uint64_t count = 0;
    static_cast<void>(!::read(fd_.get(), &count, sizeof count));
  }

 private:
  OwnedFd fd_;
};

struct Wire {
  static constexpr std::size_t kSentFrames_max = 100;
  static constexpr std::uint64_t kUnreadBytes_max = 60'000;

  // The machine sends; what finds no room is lost before the fabric.
  void send(std::string frame) {
    if (sent.size() == kSentFrames_max) {
      ++lost;
      return;
    }
    sent.push_back(std::move(frame));
    ready.raise();
  }
  // The machine is gone.
  void close() {
    is_closed = true;
    sent.clear();
    ready.raise();
  }

  Flag ready;
  std::deque<std::string> sent;    // on its way to the fabric
  std::deque<std::string> unread;  // on its way to the machine
  std::uint64_t unread_bytes = 0;
  std::uint64_t lost = 0;
  bool is_closed = false;
};

class WirePort final : public Transport {
 public:
  explicit WirePort(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  int fd() const override { return wire_->ready.fd(); }
  Received receive(Arrival& arrival) override {
    if (wire_->is_closed) return Received::closed;
    if (wire_->sent.empty()) {
      wire_->ready.lower();
      return Received::nothing;
    }
    const std::string frame = std::move(wire_->sent.front());
    wire_->sent.pop_front();
    std::copy_n(reinterpret_cast<const std::byte*>(frame.data()), frame.size(), arrival.room().data());
    LABREEL_CHECK(arrival.hold(0, frame.size()));
    return Received::frame;
  }
  // Takes some at one go, as a port does that joins frames.
  Sent send_together(std::span<const Bytes> frames) override {
    constexpr std::size_t kTogether_max = 3;
    std::size_t taken = 0;
    while (taken < std::min(frames.size(), kTogether_max) && take(frames[taken])) ++taken;
    return taken == 0 ? Sent{1, false} : Sent{taken, true};
  }
  std::uint64_t dropped_before_us() override { return wire_->lost; }

 private:
  bool take(Bytes frame) {
    if (wire_->is_closed || wire_->unread_bytes + frame.size() > Wire::kUnreadBytes_max) return false;
    wire_->unread.emplace_back(reinterpret_cast<const char*>(frame.data()), frame.size());
    wire_->unread_bytes += frame.size();
    return true;
  }

  std::shared_ptr<Wire> wire_;
};

}  // namespace labreel::sim
