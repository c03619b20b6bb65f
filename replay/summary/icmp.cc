// ICMP, ICMPv6 and IGMP.
#include <fmt/format.h>

#include "replay/summary/protocols.h"

namespace labreel::summary {
namespace {

std::string_view unreachable_why(unsigned code) {
  constexpr std::string_view kWhy[] = {"Network unreachable",  "Host unreachable",     "Protocol unreachable",
                                       "Port unreachable",     "Fragmentation needed", "Source route failed"};
  if (code < std::size(kWhy)) return kWhy[code];
  return code == 13 ? "Communication administratively filtered" : "Unreachable";
}

std::string echo(std::string_view name, ByteReader& reader, const Addresses& addresses) {
  const unsigned id = reader.u16();
  const unsigned sequence = reader.u16();
  if (!reader.ok()) return fmt::format("{} {}", name, addresses.arrow());
  return fmt::format("{} {} id=0x{:04x} seq={}", name, addresses.arrow(), id, sequence);
}

std::string neighbour(std::string_view name, ByteReader& reader, const Addresses& addresses, bool advertises) {
  const std::uint32_t flags = reader.u32();
  const std::string target = ipv6_address(reader.take(16));
  if (!reader.ok()) return fmt::format("{} {}", name, addresses.arrow());
  std::string details;
  if (advertises) {
    for (const auto& [bit, word] : {std::pair{31U, "rtr"}, {30U, "sol"}, {29U, "ovr"}}) {
      if ((flags >> bit & 1U) != 0) details += (details.empty() ? " (" : ", ") + std::string(word);
    }
    if (!details.empty()) details += ")";
  }
  return fmt::format("{}{}{}{} {}", name, advertises ? " " : " for ", target, details, addresses.arrow());
}

}  // namespace

std::string icmp(ByteReader& reader, const Addresses& addresses) {
  const unsigned type = reader.u8();
  const unsigned code = reader.u8();
  reader.skip(2);
  if (!reader.ok()) return "ICMP " + addresses.arrow();
  switch (type) {
    case 0:
      return echo("ICMP Echo (ping) reply", reader, addresses);
    case 8:
      return echo("ICMP Echo (ping) request", reader, addresses);
    case 3:
      return fmt::format("ICMP Destination unreachable ({}) {}", unreachable_why(code), addresses.arrow());
    case 5:
      return "ICMP Redirect " + addresses.arrow();
    case 9:
      return "ICMP Mobile IP Advertisement " + addresses.arrow();
    case 11:
      return fmt::format("ICMP Time-to-live exceeded ({}) {}",
                         code == 0 ? "Time to live exceeded in transit" : "Fragment reassembly time exceeded",
                         addresses.arrow());
    default:
      return fmt::format("ICMP type {} code {} {}", type, code, addresses.arrow());
  }
}

std::string icmpv6(ByteReader& reader, const Addresses& addresses) {
  const unsigned type = reader.u8();
  const unsigned code = reader.u8();
  reader.skip(2);
  const auto with = [&](std::string_view name) { return fmt::format("ICMPv6 {} {}", name, addresses.arrow()); };
  if (!reader.ok()) return "ICMPv6 " + addresses.arrow();
  switch (type) {
    case 1:
      return with("Destination Unreachable");
    case 2:
      return with("Packet Too Big");
    case 3:
      return with("Time Exceeded");
    case 128:
      return echo("ICMPv6 Echo (ping) request", reader, addresses);
    case 129:
      return echo("ICMPv6 Echo (ping) reply", reader, addresses);
    case 130:
      return with("Multicast Listener Query");
    case 131:
      return with("Multicast Listener Report");
    case 132:
      return with("Multicast Listener Done");
    case 133:
      return with("Router Solicitation");
    case 134:
      return with("Router Advertisement");
    case 135:
      return neighbour("ICMPv6 Neighbor Solicitation", reader, addresses, false);
    case 136:
      return neighbour("ICMPv6 Neighbor Advertisement", reader, addresses, true);
    case 137:
      return with("Redirect");
    case 143:
      return with("Multicast Listener Report Message v2");
    default:
      return fmt::format("ICMPv6 type {} code {} {}", type, code, addresses.arrow());
  }
}

std::string igmp(ByteReader& reader, const Addresses& addresses) {
  const unsigned type = reader.u8();
  if (!reader.ok()) return "IGMP " + addresses.arrow();
  switch (type) {
    case 0x11:
      return "IGMP Membership Query " + addresses.arrow();
    case 0x12:
      return "IGMPv1 Membership Report " + addresses.arrow();
    case 0x16:
      return "IGMPv2 Membership Report " + addresses.arrow();
    case 0x17:
      return "IGMPv2 Leave Group " + addresses.arrow();
    case 0x22:
      return "IGMPv3 Membership Report " + addresses.arrow();
    default:
      return fmt::format("IGMP type 0x{:02x} {}", type, addresses.arrow());
  }
}

}  // namespace labreel::summary
