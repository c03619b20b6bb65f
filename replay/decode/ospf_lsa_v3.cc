// Link state advertisements of OSPF version 3. Source: RFC 5340 appendix A.4.
#include <algorithm>
#include <array>

#include "engine/text/hex.h"
#include "replay/address_text.h"
#include "replay/decode/ospf.h"

namespace labreel::decode {
namespace {

constexpr std::size_t kHeaderBytes = 20;
constexpr std::uint64_t kRouter = 1, kNetwork = 2, kInterAreaPrefix = 3, kInterAreaRouter = 4, kExternal = 5, kNssa = 7, kLink = 8,
                        kIntraAreaPrefix = 9;
constexpr std::array kTypes{Word{0x2001, "Router-LSA"}, Word{0x2002, "Network-LSA"}, Word{0x2003, "Inter-Area-Prefix-LSA"},
                            Word{0x2004, "Inter-Area-Router-LSA"}, Word{0x4005, "AS-External-LSA"}, Word{0x2007, "NSSA-LSA"},
                            Word{0x0008, "Link-LSA"}, Word{0x2009, "Intra-Area-Prefix-LSA"}};
constexpr std::array kFunctions{Word{kRouter, "Router-LSA"}, Word{kNetwork, "Network-LSA"}, Word{kInterAreaPrefix, "Inter-Area-Prefix-LSA"},
                                Word{kInterAreaRouter, "Inter-Area-Router-LSA"}, Word{kExternal, "AS-External-LSA"},
                                Word{kNssa, "NSSA-LSA"}, Word{kLink, "Link-LSA"}, Word{kIntraAreaPrefix, "Intra-Area-Prefix-LSA"}};
constexpr std::array kScopes{Word{0, "Link-Local Scoping"}, Word{1, "Area Scoping"}, Word{2, "AS Scoping"}, Word{3, "Reserved"}};

struct Header {
  std::uint64_t function;
  std::uint64_t length;
};

Header header(Fields& fields) {
  fields.read(2);
  fields.part(0x7fff, "ospf.lsa.age", "LS Age (seconds)");
  fields.part(0x8000, "ospf.v3.lsa.do_not_age", "Do Not Age");
  Header header{};
  fields.hex(2, "ospf.v3.lsa", "LS Type", kTypes);
  {
    const auto parts = fields.parts();
    fields.flag(0x8000, "ospf.v3.lsa.u", "LSA Handling");
    fields.part(0x6000, "ospf.v3.lsa.s12", "Flooding Scope", kScopes, 4);
    header.function = fields.part(0x1fff, "ospf.v3.lsa.fc", "Function Code", kFunctions);
  }
  fields.ipv4("ospf.link_state_id", "Link State ID");
  fields.ipv4("ospf.advrouter", "Advertising Router");
  fields.hex(4, "ospf.lsa.seqnum", "Sequence Number");
  fields.hex(2, "ospf.lsa.chksum", "Checksum");
  header.length = fields.dec(2, "ospf.lsa.length", "Length");
  return header;
}

std::string_view title_ahead(const Fields& fields) {
  const std::string_view word = word_of(kTypes, fields.peek(2, 2));
  return word.empty() ? "LSA" : word;
}

void router(Fields& fields) {
  constexpr std::size_t kLinkBytes = 16;
  constexpr std::array kLinks{Word{1, "Point-to-point connection to another router"}, Word{2, "Connection to a transit network"},
                              Word{4, "Virtual link"}};
  fields.hex(1, "ospf.v3.router.lsa.flags", "Flags");
  {
    const auto parts = fields.parts();
    fields.flag(0x08, "ospf.v3.router.lsa.flags.w", "(W) Wild-card multicast receiver");
    fields.flag(0x04, "ospf.v3.router.lsa.flags.v", "(V) Virtual link endpoint");
    fields.flag(0x02, "ospf.v3.router.lsa.flags.e", "(E) AS boundary router");
    fields.flag(0x01, "ospf.v3.router.lsa.flags.b", "(B) Area border router");
  }
  ospf_options_v3(fields);
  while (fields.left() > 0) {
    fields.group(kLinkBytes, "", "Link");
    const auto parts = fields.parts();
    fields.dec(1, "ospf.v3.lsa.type", "Type", kLinks);
    fields.skip(1);
    fields.dec(2, "ospf.metric", "Metric");
    fields.dec(4, "ospf.v3.lsa.interface_id", "Interface ID");
    fields.dec(4, "ospf.v3.lsa.neighbor_interface_id", "Neighbor Interface ID");
    fields.ipv4("ospf.v3.lsa.neighbor_router_id", "Neighbor Router ID");
  }
}

void network(Fields& fields) {
  fields.skip(1);
  ospf_options_v3(fields);
  while (fields.left() > 0) fields.ipv4("ospf.v3.lsa.attached_router", "Attached Router");
}

void prefix_options(Fields& fields) {
  fields.hex(1, "ospf.v3.prefix.options", "PrefixOptions");
  const auto parts = fields.parts();
  fields.flag(0x08, "ospf.v3.prefix.options.p", "(P) Propagate");
  fields.flag(0x04, "ospf.v3.prefix.options.mc", "(MC) Multicast");
  fields.flag(0x02, "ospf.v3.prefix.options.la", "(LA) Local Address");
  fields.flag(0x01, "ospf.v3.prefix.options.nu", "(NU) NoUnicast");
}

// As many bytes as its length needs, in whole words; the others are zero.
void address_prefix(Fields& fields, std::uint64_t length) {
  const Bytes given = fields.skip((length + 31) / 32 * 4);
  std::array<std::byte, 16> address{};
  std::copy_n(given.begin(), std::min(given.size(), address.size()), address.begin());
  if (!given.empty()) fields.note("ospf.v3.address_prefix.ipv6", "Address Prefix", ipv6_address(address), given);
}

void inter_area_prefix(Fields& fields) {
  fields.skip(1);
  fields.dec(3, "ospf.metric", "Metric");
  const std::uint64_t length = fields.dec(1, "ospf.prefix_length", "PrefixLength");
  prefix_options(fields);
  fields.skip(2);
  address_prefix(fields, length);
}

void inter_area_router(Fields& fields) {
  fields.skip(1);
  ospf_options_v3(fields);
  fields.skip(1);
  fields.dec(3, "ospf.metric", "Metric");
  fields.ipv4("ospf.v3.lsa.destination_router_id", "Destination Router ID");
}

void external(Fields& fields) {
  fields.hex(1, "ospf.v3.as.external.flags", "Flags");
  bool has_address = false;
  bool has_tag = false;
  {
    const auto parts = fields.parts();
    fields.flag(0x04, "ospf.v3.as.external.flags.e", "(E) External Metric");
    has_address = fields.flag(0x02, "ospf.v3.as.external.flags.f", "(F) Forwarding Address");
    has_tag = fields.flag(0x01, "ospf.v3.as.external.flags.t", "(T) External Route Tag");
  }
  fields.dec(3, "ospf.metric", "Metric");
  const std::uint64_t length = fields.dec(1, "ospf.prefix_length", "PrefixLength");
  prefix_options(fields);
  fields.hex(2, "ospf.v3.lsa.referenced_ls_type", "Referenced LS type", kTypes);
  address_prefix(fields, length);
  if (has_address) fields.ipv6("ospf.v3.lsa.forwarding_address.ipv6", "Forwarding Address");
  if (has_tag) fields.dec(4, "ospf.v3.lsa.external_route_tag", "External Route Tag");
}

void link(Fields& fields) {
  fields.dec(1, "ospf.v3.lsa.router_priority", "Router Priority");
  ospf_options_v3(fields);
  fields.ipv6("ospf.v3.lsa.link_local_interface_address.ipv6", "Link-local Interface Address");
  const std::uint64_t prefixes = fields.dec(4, "ospf.v3.lsa.num_prefixes", "# prefixes");
  for (std::uint64_t i = 0; i < prefixes && fields.left() > 0; ++i) {
    const std::uint64_t length = fields.dec(1, "ospf.prefix_length", "PrefixLength");
    prefix_options(fields);
    fields.skip(2);
    address_prefix(fields, length);
  }
}

void intra_area_prefix(Fields& fields) {
  const std::uint64_t prefixes = fields.dec(2, "ospf.v3.lsa.num_prefixes", "# prefixes");
  fields.hex(2, "ospf.v3.lsa.referenced_ls_type", "Referenced LS type", kTypes);
  fields.ipv4("ospf.v3.lsa.referenced_link_state_id", "Referenced Link State ID");
  fields.ipv4("ospf.v3.lsa.referenced_advertising_router", "Referenced Advertising Router");
  for (std::uint64_t i = 0; i < prefixes && fields.left() > 0; ++i) {
    const std::uint64_t length = fields.dec(1, "ospf.prefix_length", "PrefixLength");
    prefix_options(fields);
    fields.dec(2, "ospf.metric", "Metric");
    address_prefix(fields, length);
  }
}

void body(Fields& fields, std::uint64_t function) {
  switch (function) {
    case kRouter:
      return router(fields);
    case kNetwork:
      return network(fields);
    case kInterAreaPrefix:
      return inter_area_prefix(fields);
    case kInterAreaRouter:
      return inter_area_router(fields);
    case kExternal:
    case kNssa:
      return external(fields);
    case kLink:
      return link(fields);
    case kIntraAreaPrefix:
      return intra_area_prefix(fields);
    default:
      return;
  }
}

}  // namespace

const Words kLsaTypes_v3 = kTypes;

void lsa_header_v3(Fields& fields) {
  fields.group(kHeaderBytes, "", title_ahead(fields));
  const auto parts = fields.parts();
  header(fields);
}

void lsa_v3(Fields& fields) {
  fields.group(fields.peek(18, 2), "", title_ahead(fields));
  const auto parts = fields.parts();
  const Header is = header(fields);
  fields.within(is.length > kHeaderBytes ? is.length - kHeaderBytes : 0, [&] { body(fields, is.function); });
}

}  // namespace labreel::decode
