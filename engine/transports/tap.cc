#include "engine/transports/tap.h"

#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/os/system_call.h"

namespace labreel {

TapTransport::TapTransport(OwnedFd tap, std::shared_ptr<RouteSocket> counters)
    : tap_(std::move(tap)), counters_(std::move(counters)) {}

Transport::Received TapTransport::receive(Arrival& arrival) {
  for (;;) {
    const std::span<std::byte> room = arrival.room();
    const auto got = retried([&] { return read_uncancelled(tap_.get(), room.data(), room.size()); });
    // EBADFD: the device was deleted in the node or its namespace ended.
    if (got <= 0) return got < 0 && errno == EAGAIN ? Received::nothing : Received::closed;
    const auto size = static_cast<std::size_t>(got);
    OffloadHeader header;
    if (size > sizeof header) {
      std::memcpy(&header, room.data(), sizeof header);
      if (arrival.hold(sizeof header, size - sizeof header, header)) return Received::frame;
    }
    ++malformed_;
  }
}

Transport::Sent TapTransport::send_together(std::span<const Bytes> frames) {
  // EIO: the interface is down; EINVAL: shorter than an Ethernet header; EBADFD: gone.
  return joined_.send(frames, [this](std::span<const iovec> parts) {
    return retried([&] {
             return parts.size() == 1 ? write_uncancelled(tap_.get(), parts[0].iov_base, parts[0].iov_len)
                                      : writev_uncancelled(tap_.get(), parts.data(), static_cast<int>(parts.size()));
           }) >= 0;
  });
}

std::uint64_t TapTransport::dropped_before_us() {
  if (!counters_) return dropped_ + malformed_;
  // Asked each time, because a node may rename its interface.
  ifreq request{};
  if (::ioctl(tap_.get(), TUNGETIFF, &request) < 0) return dropped_ + malformed_;
  request.ifr_name[IFNAMSIZ - 1] = '\0';
  if (const auto facts = counters_->find_link(request.ifr_name)) dropped_ = std::max(dropped_, facts->tx_dropped);
  return dropped_ + malformed_;
}

}  // namespace labreel
