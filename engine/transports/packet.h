// PacketTransport: a port whose frames go through a packet socket on the far end of a node's veth pair.
#pragma once

#include <array>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/transports/super_frame.h"
#include "engine/transports/transport.h"

namespace labreel {

// Shape:  `socket` is non-blocking, bound to the far end, with PACKET_VNET_HDR, PACKET_AUXDATA and PACKET_IGNORE_OUTGOING. What
//         comes out is what a wire would carry (Arrival), and a VLAN tag that the kernel took out is put back. Large segments
//         of another protocol than TCP, which only a node that turned more offloads on can send, count as dropped before us, and
//         so does what the socket has no room for. The kernel's queue between the two ends (net.core.netdev_max_backlog) loses
//         nothing beside that: an end hands a frame over within the node's own send. Measured on Linux 6.18: four programs of
//         a node that sent 100,000 frames each, and a router that forwarded those, with a backlog of 1,000 and of none; what
//         the node's interface sent was recorded or counted here to the frame.
// Source: packet(7), linux/virtio_net.h.
class PacketTransport final : public Transport {
 public:
  explicit PacketTransport(OwnedFd socket);

  int fd() const override { return socket_.get(); }
  Received receive(Arrival& arrival) override;
  Sent send_together(std::span<const Bytes> frames) override;
  std::uint64_t dropped_before_us() override;

 private:
  OwnedFd socket_;
  SuperFrame joined_;
  std::array<char, 16> far_end_{};  // its interface name, for asking whether the near end is up
  bool closed_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace labreel
