// TapTransport: a port whose frames go through a TAP device in a node's network namespace.
#pragma once

#include <memory>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/os/route_socket.h"
#include "engine/transports/super_frame.h"
#include "engine/transports/transport.h"

namespace labreel {

// Shape:  `tap` is as attach_tap() makes it, and non-blocking: the node hands over large segments of TCP whole, and gets them
//         so. `counters` is the route socket of the node (NodeUp::counters), shared by its ports; without it
//         dropped_before_us() stays 0.
//         Both keep the node's network namespace alive: let go of them when the node is down.
// Source: linux Documentation/networking/tuntap.rst.
class TapTransport final : public Transport {
 public:
  explicit TapTransport(OwnedFd tap, std::shared_ptr<RouteSocket> counters = nullptr);

  int fd() const override { return tap_.get(); }
  Received receive(Arrival& arrival) override;
  Sent send_together(std::span<const Bytes> frames) override;
  std::uint64_t dropped_before_us() override;

 private:
  OwnedFd tap_;
  SuperFrame joined_;
  std::uint64_t malformed_ = 0;  // what the node sent with a header that does not fit it
  std::shared_ptr<RouteSocket> counters_;
  std::uint64_t dropped_ = 0;  // the last answer, for when the device is gone
};

}  // namespace labreel
