// Addresses of the wire as people write them. Standard library only: the page's module has it, too.
#pragma once

#include <string>

#include "engine/core/event.h"

namespace labreel {

std::string hardware_address(Bytes bytes);  // "02:00:00:00:00:01"; of any length
// "10.0.0.1" and "fe80::1"; "?" for another number of bytes. Source: RFC 5952; IPv4's in IPv6 as inet_ntop(3) writes them.
std::string ipv4_address(Bytes four);
std::string ipv6_address(Bytes sixteen);

}  // namespace labreel
