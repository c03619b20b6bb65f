// IPv4 and IPv6.
#include <fmt/format.h>

#include "replay/ip_protocols.h"
#include "replay/summary/protocols.h"

namespace labreel::summary {
namespace {

struct ProtocolName {
  std::uint8_t number;
  std::string_view name;
};
constexpr ProtocolName kProtocolNames[] = {{kIpv4InIp, "IPv4 in IP"}, {kIpv6InIp, "IPv6 in IP"}, {kGre, "GRE"}, {kEsp, "ESP"}, {kAh, "AH"},
                                           {88, "EIGRP"},     {103, "PIM"},       {112, "VRRP"}, {kSctp, "SCTP"}};

}  // namespace

std::string ipv4(ByteReader& reader) {
  constexpr unsigned kHeaderBytes_min = 20;
  const unsigned first = reader.u8();
  reader.skip(1);
  const unsigned total_length = reader.u16();
  const unsigned id = reader.u16();
  const unsigned fragment = reader.u16();
  reader.skip(1);
  const std::uint8_t protocol = reader.u8();
  reader.skip(2);
  Addresses addresses;
  addresses.from = ipv4_address(reader.take(4));
  addresses.to = ipv4_address(reader.take(4));
  if (!reader.ok()) return "IPv4";
  const unsigned header_bytes = (first & 0xfU) * 4;
  if (first >> 4U != 4 || header_bytes < kHeaderBytes_min) return "IPv4 " + addresses.arrow() + " with a bad header";
  reader.skip(header_bytes - kHeaderBytes_min);
  // 0: the card was to fill it in (segmentation offload).
  if (total_length >= header_bytes) reader.limit(total_length - header_bytes);
  const unsigned offset = (fragment & 0x1fffU) * 8;
  const bool more = (fragment & 0x2000U) != 0;
  if (offset != 0 || more) {
    return fmt::format("IPv4 Fragmented IP protocol (proto={}, off={}, ID={:04x}) {}", protocol, offset, id, addresses.arrow());
  }
  return by_ip_protocol(protocol, reader, addresses);
}

std::string ipv6(ByteReader& reader) {
  constexpr int kExtensions_max = 8;
  const unsigned first = reader.u8();
  reader.skip(3);
  const unsigned payload_length = reader.u16();
  std::uint8_t next_header = reader.u8();
  reader.skip(1);
  Addresses addresses;
  addresses.from = ipv6_address(reader.take(16));
  addresses.to = ipv6_address(reader.take(16));
  if (!reader.ok()) return "IPv6";
  if (first >> 4U != 6) return "IPv6 " + addresses.arrow() + " with a bad header";
  if (payload_length != 0) reader.limit(payload_length);
  for (int i = 0; i < kExtensions_max && is_ipv6_extension(next_header); ++i) {
    const bool is_fragment = next_header == kFragment;
    next_header = reader.u8();
    const unsigned size = reader.u8();
    if (!is_fragment) {
      reader.skip(6 + 8U * size);
    } else {
      const unsigned offset_and_flags = reader.u16();
      const std::uint32_t id = reader.u32();
      if (reader.ok() && offset_and_flags != 0) {
        return fmt::format("IPv6 fragment (off={} more={} ident=0x{:08x} nxt={}) {}", offset_and_flags & 0xfff8U,
                           (offset_and_flags & 1U) != 0 ? "y" : "n", id, next_header, addresses.arrow());
      }
    }
    if (!reader.ok()) return "IPv6 " + addresses.arrow();
  }
  return by_ip_protocol(next_header, reader, addresses);
}

std::string by_ip_protocol(std::uint8_t protocol, ByteReader& reader, const Addresses& addresses) {
  switch (protocol) {
    case kIcmp:
      return icmp(reader, addresses);
    case kIgmp:
      return igmp(reader, addresses);
    case kTcp:
      return tcp(reader, addresses);
    case kUdp:
      return udp(reader, addresses);
    case kIcmpv6:
      return icmpv6(reader, addresses);
    case kNoNextHeader:
      return "IPv6 no next header " + addresses.arrow();
    case kOspf:
      return ospf(reader, addresses);
    default:
      break;
  }
  for (const ProtocolName& known : kProtocolNames) {
    if (known.number == protocol) return std::string(known.name) + " " + addresses.arrow();
  }
  return fmt::format("IP protocol {} {}", protocol, addresses.arrow());
}

}  // namespace labreel::summary
