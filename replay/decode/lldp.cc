// LLDP. Source: IEEE 802.1AB section 8, its annexes for 802.1 and 802.3.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kEnd = 0, kOrganization = 127;
constexpr std::array kTypes{Word{kEnd, "End of LLDPDU"}, Word{1, "Chassis Id"}, Word{2, "Port Id"}, Word{3, "Time to Live"},
                            Word{4, "Port Description"}, Word{5, "System Name"}, Word{6, "System Description"},
                            Word{7, "System Capabilities"}, Word{8, "Management Address"}, Word{kOrganization, "Organization Specific"}};

struct IdNames {
  std::string_view subtype, mac, text;
  std::uint64_t mac_subtype;
  Words words;
};
constexpr std::array kChassis{Word{4, "MAC address"}, Word{5, "Network address"}, Word{6, "Interface name"}, Word{7, "Locally assigned"}};
constexpr std::array kPort{Word{3, "MAC address"}, Word{4, "Network address"}, Word{5, "Interface name"}, Word{7, "Locally assigned"}};

void id(Fields& fields, const IdNames& names) {
  const std::uint64_t subtype = fields.dec(1, names.subtype, "Subtype", names.words);
  subtype == names.mac_subtype && fields.left() == 6 ? fields.mac(names.mac, "Id")
                                                     : static_cast<void>(fields.text(fields.left(), names.text, "Id"));
}

struct CapabilityNames {
  std::string_view all, other, repeater, bridge, access_point, router, telephone, cable, station;
};
constexpr CapabilityNames kCapabilities{
    "lldp.tlv.system_cap",           "lldp.tlv.system_cap.other",  "lldp.tlv.system_cap.repeater",
    "lldp.tlv.system_cap.bridge",    "lldp.tlv.system_cap.wlan_access_pt", "lldp.tlv.system_cap.router",
    "lldp.tlv.system_cap.telephone", "lldp.tlv.system_cap.docsis_cable_device", "lldp.tlv.system_cap.station_only"};
constexpr CapabilityNames kEnabled{
    "lldp.tlv.enable_system_cap",           "lldp.tlv.enable_system_cap.other",  "lldp.tlv.enable_system_cap.repeater",
    "lldp.tlv.enable_system_cap.bridge",    "lldp.tlv.enable_system_cap.wlan_access_pt", "lldp.tlv.enable_system_cap.router",
    "lldp.tlv.enable_system_cap.telephone", "lldp.tlv.enable_system_cap.docsis_cable_device", "lldp.tlv.enable_system_cap.station_only"};

void capabilities(Fields& fields, const CapabilityNames& names, std::string_view label) {
  fields.hex(2, names.all, label);
  const auto parts = fields.parts();
  fields.flag(0x0001, names.other, "Other");
  fields.flag(0x0002, names.repeater, "Repeater");
  fields.flag(0x0004, names.bridge, "Bridge");
  fields.flag(0x0008, names.access_point, "WLAN access point");
  fields.flag(0x0010, names.router, "Router");
  fields.flag(0x0020, names.telephone, "Telephone");
  fields.flag(0x0040, names.cable, "DOCSIS cable device");
  fields.flag(0x0080, names.station, "Station only");
}

void management(Fields& fields) {
  constexpr std::array kFamilies{Word{1, "IPv4"}, Word{2, "IPv6"}};
  constexpr std::array kInterfaces{Word{1, "Unknown"}, Word{2, "ifIndex"}, Word{3, "System port number"}};
  const std::uint64_t length = fields.dec(1, "lldp.mgn.address.len", "Address String Length");
  const std::uint64_t family = fields.dec(1, "lldp.mgn.address.subtype", "Address Subtype", kFamilies);
  if (length == 0) return;
  fields.within(length - 1, [&] {
    if (family == 1) fields.ipv4("lldp.mgn.addr.ip4", "Management Address");
    if (family == 2) fields.ipv6("lldp.mgn.addr.ip6", "Management Address");
  });
  fields.dec(1, "lldp.mgn.interface.subtype", "Interface Subtype", kInterfaces);
  fields.dec(4, "lldp.mgn.interface.number", "Interface Number");
  fields.dec(1, "lldp.mgn.obj.len", "OID String Length");
}

void organization(Fields& fields) {
  constexpr std::uint64_t kIeee8021 = 0x0080c2, kIeee8023 = 0x00120f;
  constexpr std::array kOrganizations{Word{kIeee8021, "Ieee 802.1"}, Word{kIeee8023, "Ieee 802.3"}};
  const std::uint64_t organization = fields.dec(3, "lldp.orgtlv.oui", "Organization Unique Code", kOrganizations);
  if (organization == kIeee8021) fields.hex(1, "lldp.ieee.802_1.subtype", "IEEE 802.1 Subtype");
  if (organization == kIeee8023) fields.hex(1, "lldp.ieee.802_3.subtype", "IEEE 802.3 Subtype");
}

void value(Fields& fields, std::uint64_t type) {
  switch (type) {
    case 1:
      return id(fields, {"lldp.chassis.subtype", "lldp.chassis.id.mac", "lldp.chassis.id", 4, kChassis});
    case 2:
      return id(fields, {"lldp.port.subtype", "lldp.port.id.mac", "lldp.port.id", 3, kPort});
    case 3:
      fields.dec(2, "lldp.time_to_live", "Seconds");
      return;
    case 4:
      fields.text(fields.left(), "lldp.port.desc", "Port Description");
      return;
    case 5:
      fields.text(fields.left(), "lldp.tlv.system.name", "System Name");
      return;
    case 6:
      fields.text(fields.left(), "lldp.tlv.system.desc", "System Description");
      return;
    case 7:
      capabilities(fields, kCapabilities, "Capabilities");
      return capabilities(fields, kEnabled, "Enabled Capabilities");
    case 8:
      return management(fields);
    case kOrganization:
      return organization(fields);
    default:
      return;
  }
}

}  // namespace

void lldp(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "lldp", "Link Layer Discovery Protocol"};
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t header = fields.peek(0, 2);
    const std::uint64_t type = header >> 9U;
    const std::string_view word = word_of(kTypes, type);
    fields.group(2 + (header & 0x1ffU), "", word.empty() ? "Reserved" : word);
    const auto parts = fields.parts();
    fields.read(2);
    fields.part(0xfe00, "lldp.tlv.type", "TLV Type", kTypes);
    fields.part(0x01ff, "lldp.tlv.len", "TLV Length");
    fields.within(header & 0x1ffU, [&] { value(fields, type); });
    if (type == kEnd) break;
  }
  if (fields.ok()) walk.end_of_packet(fields.rest().data());
}

}  // namespace labreel::decode
