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

// struct virtio_net_hdr, which C++ cannot include: a member of a neighbour is called `class`.
struct OffloadHeader {
  std::uint8_t flags = 0;
  std::uint8_t segment_kind = 0;  // 0: not a large segment
  std::uint16_t header_length = 0;
  std::uint16_t segment_size = 0;
  std::uint16_t checksum_start = 0;
  std::uint16_t checksum_offset = 0;
};
static_assert(sizeof(OffloadHeader) == 10);
constexpr std::uint8_t kNeedsChecksum = 1;

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

void put_big_endian(std::span<std::byte> place, std::uint16_t value) {
  place[0] = static_cast<std::byte>(value >> 8U);
  place[1] = static_cast<std::byte>(value & 0xffU);
}

// False if the header's offsets lie outside the frame.
bool finish_checksum(std::span<std::byte> frame, std::size_t start, std::size_t offset) {
  if (start > frame.size() || frame.size() - start < 2 || offset > frame.size() - start - 2) return false;
  std::uint32_t sum = 0;
  for (std::size_t at = start; at < frame.size(); ++at) {
    const auto byte = std::to_integer<std::uint32_t>(frame[at]);
    sum += (at - start) % 2 == 0 ? byte << 8U : byte;
  }
  while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
  const auto folded = static_cast<std::uint16_t>(~sum);
  // In UDP 0 would mean that there is none; the two are equal in one's complement.
  put_big_endian(frame.subspan(start + offset), folded == 0 ? std::uint16_t{0xffff} : folded);
  return true;
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

Transport::Received PacketTransport::receive(std::span<std::byte> buffer, std::size_t& length) {
  length = 0;
  while (!closed_) {
    OffloadHeader header;
    std::array<iovec, 2> parts{{{&header, sizeof header}, {buffer.data(), buffer.size()}}};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata))> control;
    msghdr packet{};
    packet.msg_iov = parts.data();
    packet.msg_iovlen = parts.size();
    packet.msg_control = control.data();
    packet.msg_controllen = control.size();
    const auto got = retried([&] { return ::recvmsg(socket_.get(), &packet, MSG_DONTWAIT); });
    if (got < 0 && errno == EAGAIN) return Received::nothing;
    if (got < 0 && errno == EINVAL) {  // segments of a kind that has no virtio header
      ++dropped_;
      continue;
    }
    if (got < 0) break;  // ENETDOWN: the interface was deleted
    if (static_cast<std::size_t>(got) < sizeof header) continue;
    std::size_t size = static_cast<std::size_t>(got) - sizeof header;
    const auto tag = tag_of(packet);
    const bool partial = (header.flags & kNeedsChecksum) != 0;
    if (header.segment_kind != 0 || size < kTagOffset || (tag && buffer.size() - size < kTagBytes) ||
        (partial && !finish_checksum(buffer.first(size), header.checksum_start, header.checksum_offset))) {
      ++dropped_;
      continue;
    }
    if (tag) {
      std::memmove(&buffer[kTagOffset + kTagBytes], &buffer[kTagOffset], size - kTagOffset);
      put_big_endian(buffer.subspan(kTagOffset), tag->protocol);
      put_big_endian(buffer.subspan(kTagOffset + 2), tag->control);
      size += kTagBytes;
    }
    length = size;
    return Received::frame;
  }
  closed_ = true;
  return Received::closed;
}

bool PacketTransport::send(Bytes frame) {
  // A veth pair swallows what its near end, being down, would not take; so ask.
  ifreq request{};
  std::copy(far_end_.begin(), far_end_.end(), std::begin(request.ifr_name));
  if (::ioctl(socket_.get(), SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_RUNNING) == 0) return false;
  OffloadHeader header;
  std::array<iovec, 2> parts{{{&header, sizeof header}, {const_cast<std::byte*>(frame.data()), frame.size()}}};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  // ENXIO: the interface is gone; EINVAL: shorter than an Ethernet header.
  return retried([&] { return ::sendmsg(socket_.get(), &packet, MSG_DONTWAIT | MSG_NOSIGNAL); }) >= 0;
}

std::uint64_t PacketTransport::dropped_before_us() {
  tpacket_stats since_last{};
  socklen_t size = sizeof since_last;
  if (::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &since_last, &size) == 0)
    dropped_ += since_last.tp_drops;
  return dropped_;
}

}  // namespace labreel
