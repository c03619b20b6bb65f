// OSPF versions 2 and 3.
#include <fmt/format.h>

#include "replay/summary/protocols.h"

namespace labreel::summary {

// Source: RFC 2328 A.3.1, RFC 5340 A.3.1.
std::string ospf(ByteReader& reader, const Addresses& addresses) {
  constexpr std::string_view kTypes[] = {"", "Hello Packet", "DB Description", "LS Request", "LS Update", "LS Acknowledge"};
  constexpr unsigned kHeaderBytes_v2 = 24;
  constexpr unsigned kHeaderBytes_v3 = 16;
  const unsigned version = reader.u8();
  const unsigned type = reader.u8();
  const unsigned length = reader.u16();
  if (!reader.ok()) return "OSPF " + addresses.arrow();
  const unsigned header_bytes = version == 3 ? kHeaderBytes_v3 : kHeaderBytes_v2;
  reader.skip(header_bytes - 4);
  if (length >= header_bytes) reader.limit(length - header_bytes);
  if (type == 0 || type >= std::size(kTypes)) return fmt::format("OSPF type {} {}", type, addresses.arrow());
  return fmt::format("OSPF {} {}", kTypes[type], addresses.arrow());
}

}  // namespace labreel::summary
