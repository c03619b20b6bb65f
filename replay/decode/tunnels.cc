// VXLAN, GRE and MPLS: headers in front of another packet. Source: RFC 7348, RFC 2784, RFC 2890, RFC 3032.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {

void vxlan(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "vxlan", "Virtual eXtensible Local Area Network"};
  fields.hex(2, "vxlan.flags", "Flags");
  {
    const auto parts = fields.parts();
    fields.flag(0x8000, "vxlan.flag_g", "GBP Extension");
    fields.flag(0x0800, "vxlan.flag_i", "VXLAN Network ID (VNI)");
    fields.flag(0x0040, "vxlan.flag_d", "Don't Learn");
    fields.flag(0x0008, "vxlan.flag_a", "Policy Applied");
  }
  fields.dec(2, "vxlan.gbp", "Group Policy ID");
  const std::uint64_t network = fields.dec(3, "vxlan.vni", "VXLAN Network Identifier (VNI)");
  fields.dec(1, "vxlan.reserved8", "Reserved");
  if (!fields.ok()) return;
  fields.add_to_title(", VNI: " + std::to_string(network));
  if (fields.left() > 0 && !walk.is_full()) ethernet(walk, fields.rest());
}

void gre(Walk& walk, Bytes bytes) {
  constexpr std::uint64_t kChecksum = 0x8000, kRouting = 0x4000, kKey = 0x2000, kSequence = 0x1000;
  constexpr std::array kVersions{Word{0, "GRE"}, Word{1, "Enhanced GRE"}};
  Fields fields{walk, bytes, "gre", "Generic Routing Encapsulation"};
  const std::uint64_t flags = fields.hex(2, "gre.flags_and_version", "Flags and Version");
  std::uint64_t version = 0;
  {
    const auto parts = fields.parts();
    fields.flag(kChecksum, "gre.flags.checksum", "Checksum Bit");
    fields.flag(kRouting, "gre.flags.routing", "Routing Bit");
    fields.flag(kKey, "gre.flags.key", "Key Bit");
    fields.flag(kSequence, "gre.flags.sequence_number", "Sequence Number Bit");
    fields.flag(0x0800, "gre.flags.strict_source_route", "Strict Source Route Bit");
    fields.part(0x0700, "gre.flags.recursion_control", "Recursion control");
    version = fields.part(0x0007, "gre.flags.version", "Version", kVersions);
  }
  const auto ethertype = static_cast<std::uint16_t>(fields.hex(2, "gre.proto", "Protocol Type", kEthertypes));
  if (!fields.ok()) return;
  // Other versions, and routes in the header, are not what RFC 2784 left of it.
  if (version != 0 || (flags & kRouting) != 0) return data(walk, fields.rest());
  if ((flags & kChecksum) != 0) {
    fields.hex(2, "gre.checksum", "Checksum");
    fields.dec(2, "gre.offset", "Offset");
  }
  if ((flags & kKey) != 0) fields.hex(4, "gre.key", "Key");
  if ((flags & kSequence) != 0) fields.dec(4, "gre.sequence_number", "Sequence Number");
  if (fields.ok()) by_ethertype(walk, ethertype, fields.rest());
}

void mpls(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "mpls", "MultiProtocol Label Switching Header"};
  fields.read(4);
  const std::uint64_t label = fields.part(0xfffff000, "mpls.label", "MPLS Label");
  fields.part(0x00000e00, "mpls.exp", "MPLS Experimental Bits");
  const bool is_last = fields.flag(0x00000100, "mpls.bottom", "MPLS Bottom Of Label Stack");
  fields.part(0x000000ff, "mpls.ttl", "MPLS TTL");
  if (!fields.ok()) return;
  fields.add_to_title(", Label: " + std::to_string(label));
  if (fields.left() == 0 || walk.is_full()) return;
  if (!is_last) return mpls(walk, fields.rest());
  // Nothing says what a label stands for; routers look at the first bits, too.
  const std::uint64_t version = fields.peek(0, 1) >> 4U;
  if (version == 4) return ipv4(walk, fields.rest());
  version == 6 ? ipv6(walk, fields.rest()) : data(walk, fields.rest());
}

}  // namespace labreel::decode
