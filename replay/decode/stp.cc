// Spanning tree, plain and rapid. Source: IEEE 802.1D-2004 section 9.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kConfiguration = 0x00, kRapid = 0x02;
constexpr std::array kVersions{Word{0, "Spanning Tree"}, Word{2, "Rapid Spanning Tree"}, Word{3, "Multiple Spanning Tree"}};
constexpr std::array kTypes{Word{kConfiguration, "Configuration"}, Word{kRapid, "Rapid/Multiple Spanning Tree"},
                            Word{0x80, "Topology Change Notification"}};
constexpr std::array kRoles{Word{0, "Unknown"}, Word{1, "Alternate or Backup"}, Word{2, "Root"}, Word{3, "Designated"}};

void flags(Fields& fields, bool is_rapid) {
  fields.hex(1, "stp.flags", "BPDU flags");
  const auto parts = fields.parts();
  fields.flag(0x80, "stp.flags.tcack", "Topology Change Acknowledgment");
  if (is_rapid) {
    fields.flag(0x40, "stp.flags.agreement", "Agreement");
    fields.flag(0x20, "stp.flags.forwarding", "Forwarding");
    fields.flag(0x10, "stp.flags.learning", "Learning");
    fields.part(0x0c, "stp.flags.port_role", "Port Role", kRoles);
    fields.flag(0x02, "stp.flags.proposal", "Proposal");
  }
  fields.flag(0x01, "stp.flags.tc", "Topology Change");
}

struct BridgeNames {
  std::string_view group, priority, extension, address;
};

void bridge(Fields& fields, const BridgeNames& names) {
  constexpr std::size_t kBridgeBytes = 8;
  fields.group(kBridgeBytes, "", names.group);
  const auto parts = fields.parts();
  fields.read(2);
  fields.scaled_part(0xf000, 0x1000, names.priority, "Priority");
  fields.part(0x0fff, names.extension, "System ID Extension");
  fields.mac(names.address, "System ID");
}

// In 1/256 of a second.
void seconds(Fields& fields, std::string_view name, std::string_view label) {
  const std::uint64_t value = fields.read(2);
  std::string text = std::to_string(value / 256);
  std::uint64_t rest = value % 256;
  if (rest != 0) text += '.';
  for (; rest != 0; rest = rest * 10 % 256) text += static_cast<char>('0' + rest * 10 / 256);
  fields.part_text(0xffff, name, label, text);
}

}  // namespace

void stp(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "stp", "Spanning Tree Protocol"};
  fields.hex(2, "stp.protocol", "Protocol Identifier");
  const std::uint64_t version = fields.dec(1, "stp.version", "Protocol Version Identifier", kVersions);
  const std::uint64_t type = fields.hex(1, "stp.type", "BPDU Type", kTypes);
  if (!fields.ok() || (type != kConfiguration && type != kRapid)) return;
  flags(fields, type == kRapid);
  bridge(fields, {"Root Identifier", "stp.root.prio", "stp.root.ext", "stp.root.hw"});
  fields.dec(4, "stp.root.cost", "Root Path Cost");
  bridge(fields, {"Bridge Identifier", "stp.bridge.prio", "stp.bridge.ext", "stp.bridge.hw"});
  fields.hex(2, "stp.port", "Port identifier");
  seconds(fields, "stp.msg_age", "Message Age");
  seconds(fields, "stp.max_age", "Max Age");
  seconds(fields, "stp.hello", "Hello Time");
  seconds(fields, "stp.forward", "Forward Delay");
  if (version >= 2 && type == kRapid) fields.dec(1, "stp.version_1_length", "Version 1 Length");
}

}  // namespace labreel::decode
