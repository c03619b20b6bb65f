// The protocols of the decoder. Each notes its layer from the first of `bytes` on, and gives what it carries to the next one.
#pragma once

#include <cstdint>

#include "replay/decode/fields.h"

namespace labreel::decode {

// What the number of the layer below leads to: the tables are in next.cc. What no table has is `data`.
void by_ethertype(Walk& walk, std::uint16_t ethertype, Bytes bytes);
void by_ip_protocol(Walk& walk, std::uint8_t protocol, Bytes bytes);
enum class Transport : std::uint8_t { udp, tcp };
void by_port(Walk& walk, Transport transport, std::uint16_t source, std::uint16_t destination, Bytes bytes);
void by_sap(Walk& walk, std::uint8_t sap, Bytes bytes);
void data(Walk& walk, Bytes bytes);

extern const Words kEthertypes;
extern const Words kIpProtocols;

void ethernet(Walk& walk, Bytes bytes);
void vlan(Walk& walk, Bytes bytes);
void service_vlan(Walk& walk, Bytes bytes);
void llc(Walk& walk, Bytes bytes);
void arp(Walk& walk, Bytes bytes);
void ipv4(Walk& walk, Bytes bytes);
void ipv6(Walk& walk, Bytes bytes);
// An extension header, or else what the protocol leads to.
void ipv6_extension(Walk& walk, std::uint8_t header, Bytes bytes);
void icmp(Walk& walk, Bytes bytes);
void icmpv6(Walk& walk, Bytes bytes);
void igmp(Walk& walk, Bytes bytes);
void udp(Walk& walk, Bytes bytes);
void tcp(Walk& walk, Bytes bytes);
void stp(Walk& walk, Bytes bytes);
void isis(Walk& walk, Bytes bytes);
void lldp(Walk& walk, Bytes bytes);
void ospf(Walk& walk, Bytes bytes);
void bgp(Walk& walk, Bytes bytes);
void rip(Walk& walk, Bytes bytes);
void ripng(Walk& walk, Bytes bytes);
void dhcp(Walk& walk, Bytes bytes);
void dns(Walk& walk, Bytes bytes);
void dns_over_tcp(Walk& walk, Bytes bytes);
void http(Walk& walk, Bytes bytes);
void vxlan(Walk& walk, Bytes bytes);
void gre(Walk& walk, Bytes bytes);
void mpls(Walk& walk, Bytes bytes);

}  // namespace labreel::decode
