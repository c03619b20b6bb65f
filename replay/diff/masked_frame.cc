#include "replay/diff/masked_frame.h"

#include <algorithm>

#include "engine/text/hex.h"
#include "replay/ip_protocols.h"
#include "replay/packet_fields.h"

namespace labreel {
namespace {

constexpr std::uint16_t kEphemeral = 32'768;  // where Linux begins to draw ports

class Mask {
 public:
  explicit Mask(Bytes frame) : bytes_(as_text(frame)) {}

  unsigned u8(std::size_t at) const { return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0; }
  unsigned u16(std::size_t at) const { return u8(at) << 8U | u8(at + 1); }
  void zero(std::size_t at, std::size_t count) {
    for (std::size_t i = at; i < std::min(at + count, bytes_.size()); ++i) bytes_[i] = 0;
  }
  void zero_own_address(std::size_t at) {
    if ((u8(at) & 1U) == 0) zero(at, 6);
  }
  void zero_drawn_port(std::size_t at) {
    if (u16(at) >= kEphemeral) zero(at, 2);
  }
  void cut(std::size_t at) { bytes_.resize(std::min(at, bytes_.size())); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

std::size_t network_header(const Mask& mask) {
  std::size_t at = 12;
  while (mask.u16(at) == 0x8100 || mask.u16(at) == 0x88a8) at += 4;
  return at + 2;
}

// What a transport's header is long, as far as its payload is to be cut off behind it.
std::size_t header_bytes(const Mask& mask, std::uint8_t protocol, std::size_t at) {
  switch (protocol) {
    case kTcp:
      return std::max<std::size_t>(20, (mask.u8(at + 12) >> 4U) * std::size_t{4});
    case kUdp:
    case kIcmp:
    case kIcmpv6:
      return 8;
    default:
      return 0;
  }
}

void zero_checksum(Mask& mask, std::uint8_t protocol, std::size_t at) {
  if (protocol == kTcp) mask.zero(at + 16, 2);
  if (protocol == kUdp) mask.zero(at + 6, 2);
  if (protocol == kIcmp || protocol == kIcmpv6) mask.zero(at + 2, 2);
}

void zero_drawn(Mask& mask, std::uint8_t protocol, std::size_t at) {
  if (protocol == kTcp || protocol == kUdp) {
    mask.zero_drawn_port(at);
    mask.zero_drawn_port(at + 2);
  }
  if (protocol == kTcp) {
    mask.zero(at + 4, 8);
    mask.zero(at + 14, 2);
    mask.zero(at + 20, header_bytes(mask, protocol, at) - 20);
  }
  const bool is_echo = (protocol == kIcmp && (mask.u8(at) == 0 || mask.u8(at) == 8)) ||
                       (protocol == kIcmpv6 && (mask.u8(at) == 128 || mask.u8(at) == 129));
  if (is_echo) mask.zero(at + 4, 2);
}

}  // namespace

std::string masked_frame(Bytes frame, Aspects ignored) {
  Mask mask{frame};
  if ((ignored & (kIgnoreMac | kIgnoreNumbers | kIgnorePayload)) == 0) return mask.take();
  const auto fields = packet_fields(frame);
  if (!fields) return mask.take();
  const std::size_t network = network_header(mask);
  if ((ignored & kIgnoreMac) != 0) {
    mask.zero_own_address(0);
    mask.zero_own_address(6);
    if (fields->arp_operation) {
      mask.zero_own_address(network + 8);
      mask.zero_own_address(network + 18);
    }
  }
  if ((ignored & kIgnoreNumbers) != 0 && fields->source.family == AddressFamily::ipv4 && !fields->arp_operation) {
    mask.zero(network + 4, 2);
    mask.zero(network + 10, 2);
  }
  if (!fields->protocol || fields->payload.empty()) return mask.take();
  const auto transport = static_cast<std::size_t>(fields->payload.data() - frame.data());
  const bool has_header = fields->fragment_offset == 0;
  if (has_header && (ignored & (kIgnoreNumbers | kIgnorePayload)) != 0) zero_checksum(mask, *fields->protocol, transport);
  if (has_header && (ignored & kIgnoreNumbers) != 0) zero_drawn(mask, *fields->protocol, transport);
  if ((ignored & kIgnorePayload) != 0)
    mask.cut(transport + (has_header ? header_bytes(mask, *fields->protocol, transport) : 0));
  return mask.take();
}

}  // namespace labreel
