// IS-IS: the header of all its packets, and hellos. Source: ISO/IEC 10589 section 9, RFC 1195, RFC 5308, RFC 5303.
#include <array>

#include "engine/text/hex.h"
#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kLevel1Hello = 15, kLevel2Hello = 16, kPointToPointHello = 17;
constexpr std::array kTypes{Word{kLevel1Hello, "L1 HELLO"}, Word{kLevel2Hello, "L2 HELLO"}, Word{kPointToPointHello, "P2P HELLO"},
                            Word{18, "L1 LSP"}, Word{20, "L2 LSP"}, Word{24, "L1 CSNP"}, Word{25, "L2 CSNP"},
                            Word{26, "L1 PSNP"}, Word{27, "L2 PSNP"}};

// "0000.0000.0002.00"
void system_id(Fields& fields, std::size_t size, std::string_view name, std::string_view label) {
  const Bytes id = fields.skip(size);
  if (id.size() < size) return;
  std::string text;
  for (const char digit : to_hex(id)) {
    if (text.size() % 5 == 4) text += '.';
    text += digit;
  }
  fields.note(name, label, text, id);
}

void hello_value(Fields& fields, std::uint64_t type) {
  constexpr std::array kProtocols{Word{0xcc, "IP"}, Word{0x8e, "IPv6"}};
  constexpr std::array kStates{Word{0, "Up"}, Word{1, "Initializing"}, Word{2, "Down"}};
  switch (type) {
    case 1:
      while (fields.left() > 0) fields.bytes(1 + fields.peek(0, 1), "isis.hello.area_address", "Area address");
      return;
    case 6:
      while (fields.left() > 0) fields.mac("isis.hello.is_neighbor", "IS Neighbor");
      return;
    case 129:
      while (fields.left() > 0) fields.hex(1, "isis.hello.clv_nlpid.nlpid", "NLPID", kProtocols);
      return;
    case 132:
      while (fields.left() > 0) fields.ipv4("isis.hello.clv_ipv4_int_addr", "IPv4 interface address");
      return;
    case 232:
      while (fields.left() > 0) fields.ipv6("isis.hello.clv_ipv6_int_addr", "IPv6 interface address");
      return;
    case 233:
      while (fields.left() > 0) fields.ipv6("isis.hello.clv_ipv6_glb_int_addr", "IPv6 Global interface address");
      return;
    case 240:
      fields.dec(1, "isis.hello.adjacency_state", "Adjacency State", kStates);
      if (fields.left() >= 4) fields.hex(4, "isis.hello.extended_local_circuit_id", "Extended Local circuit ID");
      if (fields.left() >= 6) system_id(fields, 6, "isis.hello.neighbor_systemid", "Neighbor SystemID");
      if (fields.left() >= 4) fields.hex(4, "isis.hello.neighbor_extended_local_circuit_id", "Neighbor Extended Local circuit ID");
      return;
    default:
      return;
  }
}

void hello(Walk& walk, Bytes bytes, bool is_point_to_point) {
  constexpr std::array kCircuits{Word{1, "Level 1 only"}, Word{2, "Level 2 only"}, Word{3, "Level 1 and 2"}};
  constexpr std::array kValues{Word{1, "Area address(es)"}, Word{6, "IS Neighbor(s)"}, Word{8, "Padding"}, Word{10, "Authentication"},
                               Word{129, "Protocols Supported"}, Word{132, "IP Interface address(es)"}, Word{211, "Restart Signaling"},
                               Word{229, "Multi Topology"}, Word{232, "IPv6 Interface address(es)"},
                               Word{233, "IPv6 Global Interface Address"}, Word{240, "Point-to-point Adjacency State"}};
  Fields fields{walk, bytes, "isis.hello", "ISIS HELLO"};
  fields.read(1);
  fields.part(0x03, "isis.hello.circuit_type", "Circuit type", kCircuits, 2);
  fields.part(0xfc, "isis.hello.reserved", "Reserved", {}, 2);
  system_id(fields, 6, "isis.hello.source_id", "SystemID {Sender of PDU}");
  fields.dec(2, "isis.hello.holding_timer", "Holding timer");
  fields.dec(2, "isis.hello.pdu_length", "PDU length");
  if (is_point_to_point) {
    fields.dec(1, "isis.hello.local_circuit_id", "Local circuit ID");
  } else {
    fields.read(1);
    fields.part(0x7f, "isis.hello.priority", "Priority");
    system_id(fields, 7, "isis.hello.lan_id", "SystemID {Designated IS}");
  }
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t type = fields.dec(1, "isis.hello.clv.type", "Type", kValues);
    const auto parts = fields.parts();
    const std::uint64_t length = fields.dec(1, "isis.hello.clv.length", "Length");
    fields.within(length, [&] { hello_value(fields, type); });
  }
}

}  // namespace

void isis(Walk& walk, Bytes bytes) {
  constexpr std::uint64_t kIsis = 0x83;
  constexpr std::array kDiscriminators{Word{kIsis, "ISIS"}, Word{0x82, "ESIS"}, Word{0x81, "CLNP"}};
  if (bytes[0] != std::byte{kIsis}) return data(walk, bytes);
  Fields fields{walk, bytes, "isis", "ISO 10589 ISIS InTRA Domain Routeing Information Exchange Protocol"};
  fields.hex(1, "isis.irpd", "Intradomain Routing Protocol Discriminator", kDiscriminators);
  fields.dec(1, "isis.len", "Length Indicator");
  fields.dec(1, "isis.version", "Version/Protocol ID Extension");
  fields.dec(1, "isis.sysid_len", "ID Length");
  fields.read(1);
  fields.part(0xe0, "isis.type.reserved", "Reserved", {}, 2);
  const std::uint64_t type = fields.part(0x1f, "isis.type", "PDU Type", kTypes);
  fields.dec(1, "isis.version2", "Version");
  fields.dec(1, "isis.reserved", "Reserved");
  fields.dec(1, "isis.max_area_adr", "Maximum Area Addresses");
  if (!fields.ok() || fields.left() == 0 || walk.is_full()) return;
  const bool is_hello = type == kLevel1Hello || type == kLevel2Hello || type == kPointToPointHello;
  is_hello ? hello(walk, fields.rest(), type == kPointToPointHello) : data(walk, fields.rest());
}

}  // namespace labreel::decode
