// TCP and UDP, and what is told from their ports.
#include <fmt/format.h>

#include "replay/summary/protocols.h"

namespace labreel::summary {
namespace {

std::string flag_names(unsigned flags) {
  std::string names;
  // In Wireshark's order.
  for (const auto& [bit, name] : {std::pair{1U, "SYN"}, {0U, "FIN"}, {2U, "RST"}, {3U, "PSH"}, {4U, "ACK"}, {5U, "URG"},
                                  {6U, "ECE"}, {7U, "CWR"}}) {
    if ((flags >> bit & 1U) != 0) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names.empty() ? "<None>" : names;
}

}  // namespace

std::string tcp(ByteReader& reader, const Addresses& addresses) {
  constexpr unsigned kHeaderBytes_min = 20;
  const unsigned source = reader.u16();
  const unsigned destination = reader.u16();
  const std::uint32_t sequence = reader.u32();
  const std::uint32_t acknowledged = reader.u32();
  const unsigned offset_bytes = (reader.u8() >> 4U) * 4U;
  const unsigned flags = reader.u8();
  const unsigned window = reader.u16();
  reader.skip(4);
  if (!reader.ok()) return "TCP " + addresses.arrow();
  const std::string ports = fmt::format("TCP {} → {}", source, destination);
  if (offset_bytes < kHeaderBytes_min) return fmt::format("{} with a bad header, {}", ports, addresses.arrow());
  reader.skip(offset_bytes - kHeaderBytes_min);
  const std::size_t length = reader.left();
  if (length > 0 && (source == 179 || destination == 179)) return bgp(reader, addresses);
  const bool acknowledges = (flags & 0x10U) != 0;
  return fmt::format("{} [{}] Seq={}{} Win={} Len={}, {}", ports, flag_names(flags), sequence,
                     acknowledges ? fmt::format(" Ack={}", acknowledged) : "", window, length, addresses.arrow());
}

std::string udp(ByteReader& reader, const Addresses& addresses) {
  constexpr unsigned kHeaderBytes = 8;
  const unsigned source = reader.u16();
  const unsigned destination = reader.u16();
  const unsigned length = reader.u16();
  reader.skip(2);
  if (!reader.ok()) return "UDP " + addresses.arrow();
  const std::string ports = fmt::format("{} → {}", source, destination);
  if (length != 0 && length < kHeaderBytes) return fmt::format("UDP {} with a bad length {}, {}", ports, length, addresses.arrow());
  if (length != 0) reader.limit(length - kHeaderBytes);
  const auto either = [&](unsigned port) { return source == port || destination == port; };
  if (either(53)) return dns("DNS", reader, addresses);
  if (either(5353)) return dns("MDNS", reader, addresses);
  if (either(67)) return dhcp(reader, addresses);
  if (either(520)) return rip("RIPv", reader, addresses);
  if (either(521)) return rip("RIPng version ", reader, addresses);
  return fmt::format("UDP {} Len={}, {}", ports, length == 0 ? reader.left() : length - kHeaderBytes, addresses.arrow());
}

std::string dhcp(ByteReader& reader, const Addresses& addresses) {
  constexpr std::uint8_t kMessageType = 53;
  constexpr std::string_view kTypes[] = {"",    "Discover", "Offer",   "Request", "Decline",
                                         "ACK", "NAK",      "Release", "Inform"};
  const unsigned operation = reader.u8();
  reader.skip(3);
  const std::uint32_t transaction = reader.u32();
  if (!reader.ok()) return "DHCP " + addresses.arrow();
  std::string name = operation == 1 ? "BOOTP Request" : "BOOTP Reply";
  reader.skip(228);  // up to the cookie
  if (reader.u32() == 0x63825363) {
    while (reader.left() > 0) {
      const std::uint8_t option = reader.u8();
      if (option == 0) continue;
      if (option == 255) break;
      const Bytes value = reader.take(reader.u8());
      if (option == kMessageType && value.size() == 1 && static_cast<std::size_t>(value[0]) < std::size(kTypes)) {
        name = "DHCP " + std::string(kTypes[static_cast<std::size_t>(value[0])]);
        break;
      }
    }
  }
  return fmt::format("{} {} Transaction ID 0x{:x}", name, addresses.arrow(), transaction);
}

std::string dns(std::string_view protocol, ByteReader& reader, const Addresses& addresses) {
  const unsigned id = reader.u16();
  const unsigned flags = reader.u16();
  if (!reader.ok()) return fmt::format("{} {}", protocol, addresses.arrow());
  const unsigned operation = flags >> 11U & 0xfU;
  const std::string name = operation == 0 ? "Standard query" : operation == 5 ? "Dynamic update" : "Query";
  return fmt::format("{} {}{} 0x{:04x} {}", protocol, name, (flags & 0x8000U) != 0 ? " response" : "", id, addresses.arrow());
}

std::string rip(std::string_view protocol, ByteReader& reader, const Addresses& addresses) {
  const unsigned command = reader.u8();
  const unsigned version = reader.u8();
  if (!reader.ok()) return "RIP " + addresses.arrow();
  const std::string name = command == 1 ? "Request" : command == 2 ? "Response" : fmt::format("command {}", command);
  return fmt::format("{}{} {} {}", protocol, version, name, addresses.arrow());
}

// Source: RFC 4271 section 4.1. A segment may start in the middle of a message; then it is only told as BGP.
std::string bgp(ByteReader& reader, const Addresses& addresses) {
  constexpr std::string_view kTypes[] = {"",       "OPEN Message", "UPDATE Message", "NOTIFICATION Message",
                                         "KEEPALIVE Message", "ROUTE-REFRESH Message"};
  constexpr unsigned kHeaderBytes = 19;
  constexpr int kNamed_max = 4;
  std::string names;
  for (int i = 0; i < kNamed_max && reader.left() >= kHeaderBytes; ++i) {
    bool marked = true;
    for (const std::byte byte : reader.take(16)) marked = marked && byte == std::byte{0xff};
    const unsigned length = reader.u16();
    const unsigned type = reader.u8();
    if (!marked || length < kHeaderBytes || type == 0 || type >= std::size(kTypes)) break;
    names += (names.empty() ? " " : ", ") + std::string(kTypes[type]);
    if (length - kHeaderBytes > reader.left()) break;  // it goes on in the next segment
    reader.skip(length - kHeaderBytes);
  }
  return fmt::format("BGP{} {}", names.empty() ? " Continuation" : names, addresses.arrow());
}

}  // namespace labreel::summary
