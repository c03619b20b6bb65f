// OSPF versions 2 and 3: its packets. Source: RFC 2328 appendix A.3, RFC 5340 appendix A.3.
#include "replay/decode/ospf.h"

#include <algorithm>
#include <array>

namespace labreel::decode {
namespace {

constexpr std::uint64_t kHello = 1, kDescription = 2, kRequest = 3, kUpdate = 4, kAcknowledge = 5;
constexpr std::array kTypes{Word{kHello, "Hello Packet"}, Word{kDescription, "DB Description"}, Word{kRequest, "LS Request"},
                            Word{kUpdate, "LS Update"}, Word{kAcknowledge, "LS Acknowledge"}};

struct Header {
  bool is_v3 = false;
  std::uint64_t type = 0;
};

Header header(Fields& fields, std::uint64_t& length) {
  constexpr std::array kAuthentications{Word{0, "Null"}, Word{1, "Simple password"}, Word{2, "Cryptographic"}};
  Header header{fields.peek(0, 1) == 3, 0};
  fields.group(header.is_v3 ? 16 : 24, "ospf.header", "OSPF Header");
  const auto parts = fields.parts();
  fields.dec(1, "ospf.version", "Version");
  header.type = fields.dec(1, "ospf.msg", "Message Type", kTypes);
  length = fields.dec(2, "ospf.packet_length", "Packet Length");
  fields.ipv4("ospf.srcrouter", "Source OSPF Router");
  fields.ipv4("ospf.area_id", "Area ID");
  fields.hex(2, "ospf.checksum", "Checksum");
  if (header.is_v3) {
    fields.dec(1, "ospf.instance_id", "Instance ID");
    fields.skip(1);
    return header;
  }
  const std::uint64_t authentication = fields.dec(2, "ospf.auth.type", "Auth Type", kAuthentications);
  authentication == 0 ? fields.bytes(8, "ospf.auth.none", "Auth Data (none)") : fields.skip(8);
  return header;
}

void hello(Fields& fields, bool is_v3) {
  fields.group(fields.left(), "ospf.hello", "OSPF Hello Packet");
  const auto parts = fields.parts();
  if (is_v3) {
    fields.dec(4, "ospf.hello.interface_id", "Interface ID");
    fields.dec(1, "ospf.hello.router_priority", "Router Priority");
    ospf_options_v3(fields);
    fields.dec(2, "ospf.hello.hello_interval", "Hello Interval [sec]");
    fields.dec(2, "ospf.hello.router_dead_interval", "Router Dead Interval [sec]");
  } else {
    fields.ipv4("ospf.hello.network_mask", "Network Mask");
    fields.dec(2, "ospf.hello.hello_interval", "Hello Interval [sec]");
    ospf_options_v2(fields);
    fields.dec(1, "ospf.hello.router_priority", "Router Priority");
    fields.dec(4, "ospf.hello.router_dead_interval", "Router Dead Interval [sec]");
  }
  fields.ipv4("ospf.hello.designated_router", "Designated Router");
  fields.ipv4("ospf.hello.backup_designated_router", "Backup Designated Router");
  while (fields.left() > 0) fields.ipv4("ospf.hello.active_neighbor", "Active Neighbor");
}

void lsa_headers(Fields& fields, bool is_v3) {
  while (fields.left() > 0) is_v3 ? lsa_header_v3(fields) : lsa_header_v2(fields);
}

void description(Fields& fields, bool is_v3) {
  fields.group(is_v3 ? 12 : 8, "", "OSPF DB Description");
  {
    const auto parts = fields.parts();
    if (is_v3) {
      fields.skip(1);
      ospf_options_v3(fields);
    }
    fields.dec(2, "ospf.db.interface_mtu", "Interface MTU");
    is_v3 ? static_cast<void>(fields.skip(1)) : ospf_options_v2(fields);
    fields.hex(1, "ospf.dbd", "DB Description");
    {
      const auto bits = fields.parts();
      fields.flag(0x08, "ospf.dbd.r", "(R) OOBResync");
      fields.flag(0x04, "ospf.dbd.i", "(I) Init");
      fields.flag(0x02, "ospf.dbd.m", "(M) More");
      fields.flag(0x01, "ospf.dbd.ms", "(MS) Master");
    }
    fields.dec(4, "ospf.db.dd_sequence", "DD Sequence");
  }
  lsa_headers(fields, is_v3);
}

void requests(Fields& fields, bool is_v3) {
  constexpr std::size_t kRequestBytes = 12;
  while (fields.left() > 0) {
    fields.group(kRequestBytes, "", "Link State Request");
    const auto parts = fields.parts();
    if (is_v3) {
      fields.skip(2);
      fields.hex(2, "ospf.v3.lsa", "LS Type", kLsaTypes_v3);
    } else {
      fields.dec(4, "ospf.lsa", "LS Type", kLsaTypes_v2);
    }
    fields.ipv4("ospf.link_state_id", "Link State ID");
    fields.ipv4("ospf.advrouter", "Advertising Router");
  }
}

void update(Fields& fields, bool is_v3) {
  fields.group(fields.left(), "", "LS Update Packet");
  const auto parts = fields.parts();
  const std::uint64_t advertisements = fields.dec(4, "ospf.ls.number_of_lsas", "Number of LSAs");
  for (std::uint64_t i = 0; i < advertisements && fields.left() > 0; ++i) is_v3 ? lsa_v3(fields) : lsa_v2(fields);
}

}  // namespace

void ospf_options_v2(Fields& fields) {
  fields.hex(1, "ospf.v2.options", "Options");
  const auto parts = fields.parts();
  fields.flag(0x80, "ospf.v2.options.dn", "DN");
  fields.flag(0x40, "ospf.v2.options.o", "O");
  fields.flag(0x20, "ospf.v2.options.dc", "(DC) Demand Circuits");
  fields.flag(0x10, "ospf.v2.options.l", "(L) LLS Data block");
  fields.flag(0x08, "ospf.v2.options.n", "(N) NSSA");
  fields.flag(0x04, "ospf.v2.options.mc", "(MC) Multicast");
  fields.flag(0x02, "ospf.v2.options.e", "(E) External Routing");
  fields.flag(0x01, "ospf.v2.options.mt", "(MT) Multi-Topology Routing");
}

void ospf_options_v3(Fields& fields) {
  fields.hex(3, "ospf.v3.options", "Options");
  const auto parts = fields.parts();
  fields.flag(0x0400, "ospf.v3.options.at", "AT");
  fields.flag(0x0200, "ospf.v3.options.l", "L");
  fields.flag(0x0100, "ospf.v3.options.af", "AF");
  fields.flag(0x0020, "ospf.v3.options.dc", "DC");
  fields.flag(0x0010, "ospf.v3.options.r", "R");
  fields.flag(0x0008, "ospf.v3.options.n", "N");
  fields.flag(0x0004, "ospf.v3.options.mc", "MC");
  fields.flag(0x0002, "ospf.v3.options.e", "E");
  fields.flag(0x0001, "ospf.v3.options.v6", "V6");
}

void ospf(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "ospf", "Open Shortest Path First"};
  std::uint64_t length = 0;
  const Header is = header(fields, length);
  if (!fields.ok()) return;
  const std::string_view word = word_of(kTypes, is.type);
  if (!word.empty()) fields.add_to_title(", " + std::string(word));
  // What is behind it is a signature, or a block of another RFC.
  const std::size_t header_bytes = is.is_v3 ? 16 : 24;
  const std::size_t body = length > header_bytes ? length - header_bytes : 0;
  fields.within(body, [&] {
    switch (is.type) {
      case kHello:
        return hello(fields, is.is_v3);
      case kDescription:
        return description(fields, is.is_v3);
      case kRequest:
        return requests(fields, is.is_v3);
      case kUpdate:
        return update(fields, is.is_v3);
      case kAcknowledge:
        return lsa_headers(fields, is.is_v3);
      default:
        return;
    }
  });
}

}  // namespace labreel::decode
