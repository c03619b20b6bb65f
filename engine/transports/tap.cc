#include "engine/transports/tap.h"

#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>

#include "engine/os/system_call.h"

namespace labreel {

TapTransport::TapTransport(OwnedFd tap, std::shared_ptr<RouteSocket> counters)
    : tap_(std::move(tap)), counters_(std::move(counters)) {}

Transport::Received TapTransport::receive(std::span<std::byte> buffer, std::size_t& length) {
  length = 0;
  const auto got = retried([&] { return read_uncancelled(tap_.get(), buffer.data(), buffer.size()); });
  if (got > 0) {
    length = static_cast<std::size_t>(got);
    return Received::frame;
  }
  // EBADFD: the device was deleted in the node or its namespace ended.
  return got < 0 && errno == EAGAIN ? Received::nothing : Received::closed;
}

bool TapTransport::send(Bytes frame) {
  // EIO: the interface is down; EINVAL: shorter than an Ethernet header; EBADFD: gone.
  return retried([&] { return write_uncancelled(tap_.get(), frame.data(), frame.size()); }) >= 0;
}

std::uint64_t TapTransport::dropped_before_us() {
  if (!counters_) return dropped_;
  // Asked each time, because a node may rename its interface.
  ifreq request{};
  if (::ioctl(tap_.get(), TUNGETIFF, &request) < 0) return dropped_;
  request.ifr_name[IFNAMSIZ - 1] = '\0';
  if (const auto facts = counters_->find_link(request.ifr_name)) dropped_ = std::max(dropped_, facts->tx_dropped);
  return dropped_;
}

}  // namespace labreel
