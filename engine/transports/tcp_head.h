// TcpHead: the headers that the frames of one TCP super-frame have in common, and what differs from one to the next.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/core/event.h"
#include "engine/transports/checksum.h"

namespace labreel {

// Shape:  Ethernet with any number of VLAN tags, IPv4 or IPv6 with extension headers, TCP; no fragment.
// Source: RFC 9293, RFC 791, RFC 8200; linux net/ipv4/tcp_offload.c for what segmentation changes.
class TcpHead {
 public:
  static constexpr std::size_t kBytes_max = 256;
  static constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kUrg = 0x20, kCwr = 0x80;

  // The headers of a frame, or of a super-frame: lengths and checksums in them are not looked at.
  // Returns nothing for a frame that does not carry TCP so, or ends within its headers.
  static std::optional<TcpHead> of(Bytes frame);

  // Takes the pseudo header's sum from the checksum that a sender left unfinished, who knows where a route ends.
  void trust_unfinished_checksum(std::size_t payload_bytes);

  std::size_t size() const { return size_; }
  std::size_t tcp_at() const { return tcp_; }
  std::size_t ip_at() const { return ip_; }
  bool is_over_ipv6() const { return over_ipv6_; }
  std::uint32_t sequence() const { return sequence_in(bytes_); }
  std::uint8_t flags() const { return flags_in(bytes_); }
  // The same of another frame, of at least size() bytes, as if its headers lay where these do.
  std::uint32_t sequence_in(Bytes frame) const;
  std::uint8_t flags_in(Bytes frame) const;

  // Writes the finished headers of one frame of several into the first size() bytes of `to`.
  //
  // Shape: it is frame `number` of them (0: the first), its payload begins `offset` bytes behind the first's; `flags` are
  //        its TCP flags.
  void write(std::span<std::byte> to, std::uint16_t number, std::uint32_t offset, Bytes payload, std::uint8_t flags) const;
  // The same of the super-frame as a whole, whose checksum is left to who cuts it.
  void write_whole(std::span<std::byte> to, std::size_t payload_bytes, std::uint8_t flags) const;

 private:
  // Writes the headers of that much payload, but for TCP's checksum; returns the sum of its pseudo header.
  InternetSum write_lengths(std::span<std::byte> to, std::uint16_t number, std::size_t payload_bytes) const;

  std::array<std::byte, kBytes_max> bytes_;
  std::size_t size_ = 0;
  std::size_t ip_ = 0;
  std::size_t tcp_ = 0;
  bool over_ipv6_ = false;
  InternetSum addresses_;  // of the pseudo header, with the protocol, without the length
};

}  // namespace labreel
