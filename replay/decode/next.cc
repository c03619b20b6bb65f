// What comes next: small tables from the number of one layer to the decoder of the next.
#include <array>

#include "replay/decode/protocols.h"
#include "replay/ip_protocols.h"

namespace labreel::decode {
namespace {

using Decoder = void (*)(Walk& walk, Bytes bytes);
struct Next {
  std::uint16_t number;
  Decoder decoder;
};

constexpr std::array kByEthertype{Next{0x0800, ipv4}, Next{0x0806, arp},  Next{0x6558, ethernet},     Next{0x8100, vlan},
                                  Next{0x86dd, ipv6}, Next{0x8847, mpls}, Next{0x88a8, service_vlan}, Next{0x88cc, lldp}};

constexpr std::array kByIpProtocol{Next{kIcmp, icmp},     Next{kIgmp, igmp}, Next{kIpv4InIp, ipv4}, Next{kTcp, tcp},  Next{kUdp, udp},
                                   Next{kIpv6InIp, ipv6}, Next{kGre, gre},   Next{kIcmpv6, icmpv6}, Next{kOspf, ospf}};

// What the service access points of LLC lead to.
constexpr std::array kBySap{Next{0x42, stp}, Next{0xfe, isis}};

struct AtPort {
  Transport transport;
  std::uint16_t port;
  Decoder decoder;
};
constexpr std::array kByPort{
    AtPort{Transport::udp, 53, dns},   AtPort{Transport::udp, 67, dhcp},          AtPort{Transport::udp, 68, dhcp},
    AtPort{Transport::udp, 520, rip},  AtPort{Transport::udp, 521, ripng},        AtPort{Transport::udp, 4789, vxlan},
    AtPort{Transport::tcp, 179, bgp},  AtPort{Transport::tcp, 53, dns_over_tcp},  AtPort{Transport::tcp, 80, http},
    AtPort{Transport::tcp, 8000, http}, AtPort{Transport::tcp, 8080, http}};

constexpr std::array kEthertypeWords{
    Word{0x0800, "IPv4"}, Word{0x0806, "ARP"},  Word{0x8100, "802.1Q Virtual LAN"}, Word{0x86dd, "IPv6"},
    Word{0x8847, "MPLS"}, Word{0x88a8, "802.1ad Provider Bridge"}, Word{0x88cc, "LLDP"}, Word{0x6558, "Transparent Ethernet bridging"}};

constexpr std::array kIpProtocolWords{
    Word{kHopByHop, "IPv6 Hop-by-Hop Option"}, Word{kIcmp, "ICMP"}, Word{kIgmp, "IGMP"}, Word{kIpv4InIp, "IPIP"},
    Word{kTcp, "TCP"}, Word{kUdp, "UDP"}, Word{kIpv6InIp, "IPv6"}, Word{kRouting, "Routing Header for IPv6"},
    Word{kFragment, "Fragment Header for IPv6"}, Word{kGre, "Generic Routing Encapsulation"}, Word{kEsp, "Encap Security Payload"},
    Word{kAh, "Authentication Header"}, Word{kIcmpv6, "ICMPv6"}, Word{kNoNextHeader, "No Next Header for IPv6"},
    Word{kDestinationOptions, "Destination Options for IPv6"}, Word{88, "EIGRP"}, Word{kOspf, "OSPF IGP"}, Word{103, "PIM"},
    Word{112, "VRRP"}, Word{kSctp, "SCTP"}};

void call(Walk& walk, Decoder decoder, Bytes bytes) {
  if (!bytes.empty() && !walk.is_full()) decoder(walk, bytes);
}

template <class Table>
Decoder next_of(const Table& table, std::uint16_t number) {
  for (const Next& next : table) {
    if (next.number == number) return next.decoder;
  }
  return data;
}

}  // namespace

const Words kEthertypes = kEthertypeWords;
const Words kIpProtocols = kIpProtocolWords;

void by_ethertype(Walk& walk, std::uint16_t ethertype, Bytes bytes) { call(walk, next_of(kByEthertype, ethertype), bytes); }

void by_ip_protocol(Walk& walk, std::uint8_t protocol, Bytes bytes) { call(walk, next_of(kByIpProtocol, protocol), bytes); }

void by_sap(Walk& walk, std::uint8_t sap, Bytes bytes) { call(walk, next_of(kBySap, sap), bytes); }

void by_port(Walk& walk, Transport transport, std::uint16_t source, std::uint16_t destination, Bytes bytes) {
  for (const std::uint16_t port : {destination, source}) {
    for (const AtPort& at : kByPort) {
      if (at.transport == transport && at.port == port) return call(walk, at.decoder, bytes);
    }
  }
  call(walk, data, bytes);
}

void data(Walk& walk, Bytes bytes) {
  if (bytes.empty() || walk.is_full()) return;
  Fields fields{walk, bytes, "data", "Data"};
  fields.bytes(bytes.size(), "data.data", "Data");
  fields.computed("data.len", "Length", std::to_string(bytes.size()));
}

}  // namespace labreel::decode
