#include "engine/transports/tcp_head.h"

#include <algorithm>

namespace labreel {
namespace {

constexpr std::size_t kTypeAt = 12;
constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kTagged = 0x8100, kTaggedTwice = 0x88a8;
constexpr std::uint8_t kTcp = 6, kHopByHop = 0, kRouting = 43, kDestination = 60;
constexpr std::size_t kIpv6Bytes = 40, kTcpBytes = 20;

// Of TCP's header.
constexpr std::size_t kSequence = 4, kDataOffset = 12, kFlags = 13, kChecksum = 16;

std::uint8_t u8_at(Bytes bytes, std::size_t at) { return std::to_integer<std::uint8_t>(bytes[at]); }

struct Place {
  std::uint16_t type = 0;
  std::size_t at = 0;
};

// Behind Ethernet's header and VLAN tags.
std::optional<Place> find_network_layer(Bytes frame) {
  for (std::size_t at = kTypeAt; at + 2 <= frame.size(); at += 4) {
    const std::uint16_t type = u16_at(frame, at);
    if (type != kTagged && type != kTaggedTwice) return Place{type, at + 2};
  }
  return std::nullopt;
}

std::optional<std::size_t> tcp_over_ipv4(Bytes frame, std::size_t ip) {
  if (frame.size() < ip + 20 || u8_at(frame, ip) >> 4U != 4 || u8_at(frame, ip + 9) != kTcp) return std::nullopt;
  const bool is_fragment = (u16_at(frame, ip + 6) & 0x3fffU) != 0;
  const std::size_t length = (u8_at(frame, ip) & 0xfU) * std::size_t{4};
  if (is_fragment || length < 20) return std::nullopt;
  return ip + length;
}

std::optional<std::size_t> tcp_over_ipv6(Bytes frame, std::size_t ip) {
  if (frame.size() < ip + kIpv6Bytes || u8_at(frame, ip) >> 4U != 6) return std::nullopt;
  std::uint8_t next = u8_at(frame, ip + 6);
  std::size_t at = ip + kIpv6Bytes;
  while (next == kHopByHop || next == kRouting || next == kDestination) {
    if (frame.size() < at + 8) return std::nullopt;
    next = u8_at(frame, at);
    at += (u8_at(frame, at + 1) + std::size_t{1}) * 8;
  }
  return next == kTcp ? std::optional(at) : std::nullopt;
}

}  // namespace

std::optional<TcpHead> TcpHead::of(Bytes frame) {
  const auto network = find_network_layer(frame);
  if (!network || (network->type != kIpv4 && network->type != kIpv6)) return std::nullopt;
  const bool over_ipv6 = network->type == kIpv6;
  const auto tcp = over_ipv6 ? tcp_over_ipv6(frame, network->at) : tcp_over_ipv4(frame, network->at);
  if (!tcp || frame.size() < *tcp + kTcpBytes) return std::nullopt;
  const std::size_t tcp_bytes = (u8_at(frame, *tcp + kDataOffset) >> 4U) * std::size_t{4};
  const std::size_t size = *tcp + tcp_bytes;
  if (tcp_bytes < kTcpBytes || size > frame.size() || size > kBytes_max) return std::nullopt;
  TcpHead head;
  std::copy_n(frame.begin(), size, head.bytes_.begin());
  head.size_ = size;
  head.ip_ = network->at;
  head.tcp_ = *tcp;
  head.over_ipv6_ = over_ipv6;
  head.addresses_.add(over_ipv6 ? frame.subspan(network->at + 8, 32) : frame.subspan(network->at + 12, 8));
  head.addresses_.add(kTcp);
  return head;
}

std::uint32_t TcpHead::sequence_in(Bytes frame) const { return u32_at(frame, tcp_ + kSequence); }
std::uint8_t TcpHead::flags_in(Bytes frame) const { return u8_at(frame, tcp_ + kFlags); }

void TcpHead::trust_unfinished_checksum(std::size_t payload_bytes) {
  addresses_ = {};
  addresses_.add(u16_at(bytes_, tcp_ + kChecksum));
  addresses_.add(static_cast<std::uint16_t>(~(size_ - tcp_ + payload_bytes)));  // takes the length away
}

InternetSum TcpHead::write_lengths(std::span<std::byte> to, std::uint16_t number, std::size_t payload_bytes) const {
  std::copy_n(bytes_.begin(), size_, to.begin());
  if (over_ipv6_) {
    put_u16(to, ip_ + 4, static_cast<std::uint16_t>(size_ - ip_ - kIpv6Bytes + payload_bytes));
  } else {
    put_u16(to, ip_ + 2, static_cast<std::uint16_t>(size_ - ip_ + payload_bytes));
    put_u16(to, ip_ + 4, static_cast<std::uint16_t>(u16_at(bytes_, ip_ + 4) + number));  // the packet's identification
    put_u16(to, ip_ + 10, 0);
    InternetSum sum;
    sum.add(Bytes(to).subspan(ip_, tcp_ - ip_));
    put_u16(to, ip_ + 10, sum.checksum());
  }
  InternetSum pseudo_header = addresses_;
  pseudo_header.add(static_cast<std::uint16_t>(size_ - tcp_ + payload_bytes));
  return pseudo_header;
}

void TcpHead::write(std::span<std::byte> to, std::uint16_t number, std::uint32_t offset, Bytes payload,
                    std::uint8_t flags) const {
  InternetSum sum = write_lengths(to, number, payload.size());
  put_u32(to, tcp_ + kSequence, sequence() + offset);
  to[tcp_ + kFlags] = std::byte{flags};
  put_u16(to, tcp_ + kChecksum, 0);
  sum.add(Bytes(to).subspan(tcp_, size_ - tcp_));
  sum.add(payload);
  put_u16(to, tcp_ + kChecksum, sum.checksum());
}

void TcpHead::write_whole(std::span<std::byte> to, std::size_t payload_bytes, std::uint8_t flags) const {
  const InternetSum pseudo_header = write_lengths(to, 0, payload_bytes);
  to[tcp_ + kFlags] = std::byte{flags};
  put_u16(to, tcp_ + kChecksum, pseudo_header.value());
}

}  // namespace labreel
