#include "engine/transports/packet.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::size_t kTagOffset = 12;
constexpr std::size_t kTagBytes = 4;

struct Tag {
  std::uint16_t protocol;
  std::uint16_t control;
};

std::optional<Tag> tag_of(msghdr& packet) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&packet); part != nullptr; part = CMSG_NXTHDR(&packet, part)) {
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata facts{};
    std::memcpy(&facts, CMSG_DATA(part), std::min(sizeof facts, part->cmsg_len - CMSG_LEN(0)));
    if ((facts.tp_status & TP_STATUS_VLAN_VALID) == 0) return std::nullopt;
    const bool protocol_known = (facts.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    return Tag{protocol_known ? facts.tp_vlan_tpid : static_cast<std::uint16_t>(ETH_P_8021Q), facts.tp_vlan_tci};
  }
  return std::nullopt;
}

// Puts a tag that the kernel took out of a frame back, where the wire has it.
void put_tag(std::span<std::byte> room, std::size_t frame_bytes, const Tag& tag) {
  std::memmove(&room[kTagOffset + kTagBytes], &room[kTagOffset], frame_bytes - kTagOffset);
  put_u16(room, kTagOffset, tag.protocol);
  put_u16(room, kTagOffset + 2, tag.control);
}

bool hold(Arrival& arrival, std::size_t got, OffloadHeader header, msghdr& packet) {
  if (got < sizeof header + kTagOffset) return false;
  std::size_t size = got - sizeof header;
  if (const auto tag = tag_of(packet)) {
    put_tag(arrival.room(), size, *tag);
    size += kTagBytes;
    header.checksum_start = static_cast<std::uint16_t>(header.checksum_start + kTagBytes);
  }
  return arrival.hold(0, size, header);
}

}  // namespace

PacketTransport::PacketTransport(OwnedFd socket) : socket_(std::move(socket)) {
  sockaddr_ll address{};
  socklen_t size = sizeof address;
  checked("look at a packet socket", ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size));
  ifreq request{};
  request.ifr_ifindex = address.sll_ifindex;
  if (::ioctl(socket_.get(), SIOCGIFNAME, &request) == 0) {
    std::copy_n(std::begin(request.ifr_name), far_end_.size() - 1, far_end_.begin());
  }
}

Transport::Received PacketTransport::receive(Arrival& arrival) {
  while (!closed_) {
    const std::span<std::byte> room = arrival.room();
    OffloadHeader header;
    std::array<iovec, 2> parts{{{&header, sizeof header}, {room.data(), room.size() - kTagBytes}}};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata))> control;
    msghdr packet{};
    packet.msg_iov = parts.data();
    packet.msg_iovlen = parts.size();
    packet.msg_control = control.data();
    packet.msg_controllen = control.size();
    const auto got = retried([&] { return recvmsg_uncancelled(socket_.get(), &packet, MSG_DONTWAIT); });
    if (got < 0 && errno == EAGAIN) return Received::nothing;
    if (got < 0 && errno != EINVAL) break;  // ENETDOWN: the interface was deleted
    // EINVAL: segments of a kind that has no virtio header.
    if (got < 0 || !hold(arrival, static_cast<std::size_t>(got), header, packet)) {
      ++dropped_;
      continue;
    }
    return Received::frame;
  }
  closed_ = true;
  return Received::closed;
}

Transport::Sent PacketTransport::send_together(std::span<const Bytes> frames) {
  // A veth pair swallows what its near end, being down, would not take; so ask.
  ifreq request{};
  std::copy(far_end_.begin(), far_end_.end(), std::begin(request.ifr_name));
  if (::ioctl(socket_.get(), SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_RUNNING) == 0) return {1, false};
  // ENXIO: the interface is gone; EINVAL: shorter than an Ethernet header.
  return joined_.send(frames, [this](std::span<const iovec> parts) {
    msghdr packet{};
    packet.msg_iov = const_cast<iovec*>(parts.data());
    packet.msg_iovlen = parts.size();
    return retried([&] { return sendmsg_uncancelled(socket_.get(), &packet, MSG_DONTWAIT | MSG_NOSIGNAL); }) >= 0;
  });
}

std::uint64_t PacketTransport::dropped_before_us() {
  tpacket_stats since_last{};
  socklen_t size = sizeof since_last;
  if (::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &since_last, &size) == 0)
    dropped_ += since_last.tp_drops;
  return dropped_;
}

}  // namespace labreel
