// RIP and RIPng. Source: RFC 2453, RFC 2080.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::array kCommands{Word{1, "Request"}, Word{2, "Response"}};
constexpr std::size_t kEntryBytes = 20;

}  // namespace

void rip(Walk& walk, Bytes bytes) {
  constexpr std::array kVersions{Word{1, "RIPv1"}, Word{2, "RIPv2"}};
  constexpr std::array kFamilies{Word{0, "Unspecified"}, Word{2, "IP"}};
  constexpr std::uint64_t kAuthentication = 0xffff;
  Fields fields{walk, bytes, "rip", "Routing Information Protocol"};
  fields.dec(1, "rip.command", "Command", kCommands);
  const std::uint64_t version = fields.dec(1, "rip.version", "Version", kVersions);
  fields.skip(2);
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t family = fields.peek(0, 2);
    fields.group(kEntryBytes, "", "Route");
    const auto parts = fields.parts();
    if (family == kAuthentication) {
      fields.skip(2);
      fields.dec(2, "rip.auth.type", "Authentication type");
      fields.skip(kEntryBytes - 4);
      continue;
    }
    fields.dec(2, "rip.family", "Address Family", kFamilies);
    version >= 2 ? fields.dec(2, "rip.route_tag", "Route Tag") : fields.skip(2).size();
    family == 0 ? static_cast<void>(fields.skip(4)) : fields.ipv4("rip.ip", "IP Address");
    if (version >= 2) {
      fields.ipv4("rip.netmask", "Netmask");
      fields.ipv4("rip.next_hop", "Next Hop");
    } else {
      fields.skip(8);
    }
    fields.dec(4, "rip.metric", "Metric");
  }
}

void ripng(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "ripng", "RIPng"};
  fields.dec(1, "ripng.cmd", "Command", kCommands);
  fields.dec(1, "ripng.version", "Version");
  fields.skip(2);
  while (fields.left() > 0 && fields.ok()) {
    fields.group(kEntryBytes, "ripng.rte", "Route Table Entry");
    const auto parts = fields.parts();
    fields.ipv6("ripng.rte.ipv6_prefix", "IPv6 Prefix");
    fields.hex(2, "ripng.rte.route_tag", "Route Tag");
    fields.dec(1, "ripng.rte.prefix_length", "Prefix Length");
    fields.dec(1, "ripng.rte.metric", "Metric");
  }
}

}  // namespace labreel::decode
