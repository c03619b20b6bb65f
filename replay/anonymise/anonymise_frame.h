// A frame with other addresses, checksums that fit them, and nothing behind its headers.
#pragma once

#include <string>

#include "engine/core/event.h"
#include "replay/anonymise/pseudonyms.h"

namespace labreel {

// Rewrites the addresses in Ethernet, ARP, IPv4, IPv6, ICMP and ICMPv6 (also in the packets that errors quote), neighbour
// discovery, MLD, IGMP and OSPF headers, and cuts off what follows the headers that it knows.
//
// Shape:  checksums of IP, TCP, UDP, ICMP, ICMPv6, OSPF are moved by the difference (RFC 1624): one that was right for the
//         whole packet is right for the whole packet, a wrong one stays wrong. Options of IPv4 and TCP that may hold an address
//         or a key become no-operations; OSPF's password becomes zeros. Any bytes are a frame; nothing is read beyond them.
std::string anonymise_frame(Bytes frame, Pseudonyms& pseudonyms);

}  // namespace labreel
