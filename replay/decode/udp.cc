// UDP. Source: RFC 768.
#include <algorithm>

#include "replay/decode/protocols.h"

namespace labreel::decode {

void udp(Walk& walk, Bytes bytes) {
  constexpr std::size_t kHeaderBytes = 8;
  Fields fields{walk, bytes, "udp", "User Datagram Protocol"};
  const auto source = static_cast<std::uint16_t>(fields.dec(2, "udp.srcport", "Source Port"));
  const auto destination = static_cast<std::uint16_t>(fields.dec(2, "udp.dstport", "Destination Port"));
  const std::uint64_t length = fields.dec(2, "udp.length", "Length");
  fields.hex(2, "udp.checksum", "Checksum");
  if (!fields.ok()) return;
  fields.add_to_title(", Src Port: " + std::to_string(source) + ", Dst Port: " + std::to_string(destination));
  // 0: longer than the field can say.
  if (length != 0 && length < kHeaderBytes) return fields.add_to_title(" with a bad length");
  const std::size_t payload = length == 0 ? fields.left() : std::min<std::size_t>(fields.left(), length - kHeaderBytes);
  by_port(walk, Transport::udp, source, destination, fields.rest().first(payload));
}

}  // namespace labreel::decode
