// Ethernet and what is directly on it: VLAN tags, ARP, spanning tree, IS-IS, LLDP.
#include <fmt/format.h>

#include "engine/text/hex.h"
#include "engine/text/text.h"
#include "replay/summary/protocols.h"
#include "replay/summary/summary.h"

namespace labreel {
namespace summary {
namespace {

constexpr std::uint16_t kEthertype_min = 0x600;  // smaller ones are lengths

std::string vlan(ByteReader& reader, const Addresses& ethernet) {
  std::string tags;
  std::uint16_t ethertype = 0x8100;
  // A frame of nothing but tags would otherwise make a line as long as itself.
  for (int tag = 0; tag < 4 && (ethertype == 0x8100 || ethertype == 0x88a8); ++tag) {
    const unsigned control = reader.u16();
    ethertype = reader.u16();
    if (!reader.ok()) return tags + "VLAN";
    tags += fmt::format("VLAN {} ", control & 0xfffU);
  }
  if (ethertype == 0x8100 || ethertype == 0x88a8) return tags + "and more tags";
  return tags + by_ethertype(ethertype, reader, ethernet);
}

std::string bridge_id(ByteReader& reader) {
  const unsigned priority = reader.u16();
  const Bytes mac = reader.take(6);
  return reader.ok() ? fmt::format("{}/{}/{}", priority & 0xf000U, priority & 0xfffU, hardware_address(mac)) : "?";
}

std::string spanning_tree(ByteReader& reader) {
  reader.skip(2);  // protocol identifier
  const unsigned version = reader.u8();
  const unsigned type = reader.u8();
  if (!reader.ok()) return "STP";
  if (type == 0x80) return "STP Topology Change Notification";
  if (type != 0x00 && type != 0x02) return fmt::format("STP BPDU type 0x{:02x}", type);
  const unsigned flags = reader.u8();
  const std::string root = bridge_id(reader);
  const std::uint32_t cost = reader.u32();
  reader.skip(8);  // the sender's bridge
  const unsigned port = reader.u16();
  const std::string name = type == 0x00 ? "STP Conf." : version >= 3 ? "STP MST." : "STP RST.";
  if (!reader.ok()) return name;
  return fmt::format("{}{} Root = {}  Cost = {}  Port = 0x{:04x}", name, (flags & 1U) != 0 ? " TC +" : "", root, cost, port);
}

// Source: ISO/IEC 10589, 9.5 to 9.13.
std::string isis(ByteReader& reader, const Addresses& ethernet) {
  const unsigned discriminator = reader.u8();
  reader.skip(3);
  const unsigned type = reader.u8() & 0x1fU;
  if (!reader.ok() || discriminator != 0x83) return "OSI " + ethernet.arrow();
  switch (type) {
    case 15:
    case 16:
    case 17:
      return fmt::format("ISIS {} HELLO {}", type == 15 ? "L1" : type == 16 ? "L2" : "P2P", ethernet.arrow());
    case 18:
    case 20:
      return fmt::format("ISIS {} LSP {}", type == 18 ? "L1" : "L2", ethernet.arrow());
    case 24:
    case 25:
      return fmt::format("ISIS {} CSNP {}", type == 24 ? "L1" : "L2", ethernet.arrow());
    case 26:
    case 27:
      return fmt::format("ISIS {} PSNP {}", type == 26 ? "L1" : "L2", ethernet.arrow());
    default:
      return fmt::format("ISIS type {} {}", type, ethernet.arrow());
  }
}

}  // namespace

std::string arp(ByteReader& reader) {
  const unsigned hardware = reader.u16();
  const unsigned protocol = reader.u16();
  const unsigned hardware_size = reader.u8();
  const unsigned protocol_size = reader.u8();
  const unsigned operation = reader.u16();
  if (!reader.ok()) return "ARP";
  if (hardware != 1 || protocol != 0x0800 || hardware_size != 6 || protocol_size != 4) {
    return fmt::format("ARP operation {} of hardware type {} and protocol type 0x{:04x}", operation, hardware, protocol);
  }
  const std::string sender_mac = hardware_address(reader.take(6));
  const std::string sender = ipv4_address(reader.take(4));
  reader.skip(6);
  const std::string target = ipv4_address(reader.take(4));
  if (!reader.ok()) return operation == 2 ? "ARP Reply" : "ARP Request";
  if (operation == 1 && sender == target) return "ARP Announcement for " + sender;
  if (operation == 1 && sender == "0.0.0.0") return fmt::format("ARP Who has {}? (ARP Probe)", target);
  if (operation == 1) return fmt::format("ARP Who has {}? Tell {}", target, sender);
  if (operation == 2) return fmt::format("ARP {} is at {}", sender, sender_mac);
  return fmt::format("ARP operation {} {} → {}", operation, sender, target);
}

std::string bridge(ByteReader& reader, const Addresses& ethernet) {
  const unsigned destination = reader.u8();
  const unsigned source = reader.u8();
  const unsigned control = reader.u8();
  if (!reader.ok()) return "LLC " + ethernet.arrow();
  if (destination == 0x42 && source == 0x42 && control == 3) return spanning_tree(reader);
  if (destination == 0xfe && source == 0xfe && control == 3) return isis(reader, ethernet);
  return fmt::format("LLC DSAP 0x{:02x} SSAP 0x{:02x} {}", destination, source, ethernet.arrow());
}

std::string lldp(ByteReader& reader, const Addresses& ethernet) {
  constexpr unsigned kEnd = 0;
  constexpr unsigned kSystemName = 5;
  while (reader.left() > 0) {
    const unsigned header = reader.u16();
    const Bytes value = reader.take(header & 0x1ffU);
    if (!reader.ok() || header >> 9U == kEnd) break;
    if (header >> 9U == kSystemName) return "LLDP " + printable(as_text(value)) + " " + ethernet.arrow();
  }
  return "LLDP " + ethernet.arrow();
}

std::string by_ethertype(std::uint16_t ethertype, ByteReader& reader, const Addresses& ethernet) {
  switch (ethertype) {
    case 0x0800:
      return ipv4(reader);
    case 0x0806:
      return arp(reader);
    case 0x8100:
    case 0x88a8:
      return vlan(reader, ethernet);
    case 0x86dd:
      return ipv6(reader);
    case 0x88cc:
      return lldp(reader, ethernet);
    default:
      break;
  }
  if (ethertype >= kEthertype_min) return fmt::format("Ethernet type 0x{:04x} {}", ethertype, ethernet.arrow());
  reader.limit(ethertype);
  return bridge(reader, ethernet);
}

}  // namespace summary

std::string summarise_frame(Bytes frame, std::uint32_t length) {
  summary::ByteReader reader{frame};
  const std::string to = hardware_address(reader.take(6));
  const std::string from = hardware_address(reader.take(6));
  const std::uint16_t ethertype = reader.u16();
  if (!reader.ok()) return fmt::format("Ethernet, {} bytes [truncated]", length);
  const std::string line = by_ethertype(ethertype, reader, summary::Addresses{from, to});
  return reader.truncated() || frame.size() < length ? line + " [truncated]" : line;
}

}  // namespace labreel
