// ICMP. Source: RFC 792, RFC 1191, RFC 4884.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::array kTypes{Word{0, "Echo (ping) reply"}, Word{3, "Destination unreachable"}, Word{5, "Redirect"},
                            Word{8, "Echo (ping) request"}, Word{9, "Router advertisement"}, Word{10, "Router solicitation"},
                            Word{11, "Time-to-live exceeded"}, Word{12, "Parameter problem"}, Word{13, "Timestamp request"},
                            Word{14, "Timestamp reply"}};
constexpr std::array kUnreachable{Word{0, "Network unreachable"}, Word{1, "Host unreachable"}, Word{2, "Protocol unreachable"},
                                  Word{3, "Port unreachable"}, Word{4, "Fragmentation needed"}, Word{5, "Source route failed"},
                                  Word{9, "Network administratively prohibited"}, Word{10, "Host administratively prohibited"},
                                  Word{13, "Communication administratively filtered"}};
constexpr std::array kExceeded{Word{0, "Time to live exceeded in transit"}, Word{1, "Fragment reassembly time exceeded"}};
constexpr std::array kRedirect{Word{0, "Redirect for network"}, Word{1, "Redirect for host"}};

Words codes_of(std::uint64_t type) {
  if (type == 3) return kUnreachable;
  if (type == 5) return kRedirect;
  return type == 11 ? Words{kExceeded} : Words{};
}

}  // namespace

void icmp(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "icmp", "Internet Control Message Protocol"};
  const std::uint64_t type = fields.dec(1, "icmp.type", "Type", kTypes);
  const std::uint64_t code = fields.dec(1, "icmp.code", "Code", codes_of(type));
  fields.hex(2, "icmp.checksum", "Checksum");
  if (!fields.ok()) return;
  const std::string_view word = word_of(kTypes, type);
  if (!word.empty()) fields.add_to_title(", " + std::string(word));
  const bool echoes = type == 0 || type == 8 || type == 13 || type == 14;
  const bool quotes = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  if (echoes) {
    fields.dec(2, "icmp.ident", "Identifier (BE)");
    fields.dec(2, "icmp.seq", "Sequence Number (BE)");
  } else if (type == 3 && code == 4) {
    fields.skip(2);
    fields.dec(2, "icmp.mtu", "MTU of next hop");
  } else if (type == 5) {
    fields.ipv4("icmp.redir_gw", "Gateway Address");
  } else {
    fields.skip(4);
  }
  // An error quotes the packet that it is about.
  quotes ? by_ethertype(walk, 0x0800, fields.rest()) : data(walk, fields.rest());
}

}  // namespace labreel::decode
