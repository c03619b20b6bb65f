// Link state advertisements of OSPF version 2. Source: RFC 2328 appendix A.4, RFC 3101.
#include <algorithm>
#include <array>

#include "replay/decode/ospf.h"

namespace labreel::decode {
namespace {

constexpr std::size_t kHeaderBytes = 20;
constexpr std::uint64_t kRouter = 1, kNetwork = 2, kSummary = 3, kBorderSummary = 4, kExternal = 5, kNssa = 7;
constexpr std::array kTypes{Word{kRouter, "Router-LSA"}, Word{kNetwork, "Network-LSA"}, Word{kSummary, "Summary-LSA (IP network)"},
                            Word{kBorderSummary, "Summary-LSA (ASBR)"}, Word{kExternal, "AS-External-LSA (ASBR)"},
                            Word{kNssa, "NSSA AS-External-LSA"}, Word{9, "Opaque LSA, Link-local scope"},
                            Word{10, "Opaque LSA, Area-local scope"}, Word{11, "Opaque LSA, AS-wide scope"}};

// The part of a header that stands under its heading; the heading is noted before. Returns the type and the whole length.
struct Header {
  std::uint64_t type;
  std::uint64_t length;
};
Header header(Fields& fields) {
  fields.read(2);
  fields.part(0x7fff, "ospf.lsa.age", "LS Age (seconds)");
  fields.part(0x8000, "ospf.lsa.donotage", "Do Not Age Flag");
  ospf_options_v2(fields);
  Header header{};
  header.type = fields.dec(1, "ospf.lsa", "LS Type", kTypes);
  fields.ipv4("ospf.lsa.id", "Link State ID");
  fields.ipv4("ospf.advrouter", "Advertising Router");
  fields.hex(4, "ospf.lsa.seqnum", "Sequence Number");
  fields.hex(2, "ospf.lsa.chksum", "Checksum");
  header.length = fields.dec(2, "ospf.lsa.length", "Length");
  return header;
}

std::string_view title_ahead(const Fields& fields) {
  const std::string_view word = word_of(kTypes, fields.peek(3, 1));
  return word.empty() ? "LSA" : word;
}

void router_link(Fields& fields) {
  constexpr std::size_t kLinkBytes = 12;
  constexpr std::array kLinks{Word{1, "Point-to-point connection to another router"}, Word{2, "Connection to a transit network"},
                              Word{3, "Connection to a stub network"}, Word{4, "Virtual link"}};
  fields.group(kLinkBytes, "", "Link");
  const auto parts = fields.parts();
  fields.ipv4("ospf.lsa.router.linkid", "Link ID");
  fields.ipv4("ospf.lsa.router.linkdata", "Link Data");
  fields.dec(1, "ospf.lsa.router.linktype", "Link Type", kLinks);
  const std::uint64_t metrics = fields.dec(1, "ospf.lsa.router.nummetrics", "Number of Metrics");
  fields.dec(2, "ospf.lsa.router.metric0", "0 Metric");
  fields.skip(4 * metrics);
}

void router(Fields& fields) {
  fields.hex(1, "ospf.v2.router.lsa.flags", "Flags");
  {
    const auto parts = fields.parts();
    fields.flag(0x80, "ospf.v2.router.lsa.flags.h", "(H) flag");
    fields.flag(0x10, "ospf.v2.router.lsa.flags.n", "(N) flag");
    fields.flag(0x08, "ospf.v2.router.lsa.flags.w", "(W) Wild-card multicast receiver");
    fields.flag(0x04, "ospf.v2.router.lsa.flags.v", "(V) Virtual link endpoint");
    fields.flag(0x02, "ospf.v2.router.lsa.flags.e", "(E) AS boundary router");
    fields.flag(0x01, "ospf.v2.router.lsa.flags.b", "(B) Area border router");
  }
  fields.skip(1);
  const std::uint64_t links = fields.dec(2, "ospf.lsa.number_of_links", "Number of Links");
  for (std::uint64_t i = 0; i < links && fields.left() > 0; ++i) router_link(fields);
}

void network(Fields& fields) {
  fields.ipv4("ospf.lsa.network.netmask", "Netmask");
  while (fields.left() > 0) fields.ipv4("ospf.lsa.network.attchrtr", "Attached Router");
}

void summary(Fields& fields) {
  fields.ipv4("ospf.lsa.asbr.netmask", "Netmask");
  fields.dec(1, "ospf.lsa.tos", "TOS");
  fields.dec(3, "ospf.metric", "Metric");
}

void external(Fields& fields) {
  constexpr std::array kMetrics{Word{0, "Type 1 (metric is specified in the same units as interface cost)"},
                                Word{1, "Type 2 (metric is larger than any other link state path)"}};
  fields.ipv4("ospf.lsa.asext.netmask", "Netmask");
  fields.read(1);
  fields.part(0x80, "ospf.lsa.asext.type", "External Type", kMetrics);
  fields.part(0x7f, "ospf.lsa.tos", "TOS");
  fields.dec(3, "ospf.metric", "Metric");
  fields.ipv4("ospf.lsa.asext.fwdaddr", "Forwarding Address");
  fields.dec(4, "ospf.lsa.asext.extrttag", "External Route Tag");
}

}  // namespace

const Words kLsaTypes_v2 = kTypes;

void lsa_header_v2(Fields& fields) {
  fields.group(kHeaderBytes, "", title_ahead(fields));
  const auto parts = fields.parts();
  header(fields);
}

void lsa_v2(Fields& fields) {
  const std::uint64_t length = fields.peek(18, 2);
  fields.group(length, "", title_ahead(fields));
  const auto parts = fields.parts();
  const Header is = header(fields);
  fields.within(is.length > kHeaderBytes ? is.length - kHeaderBytes : 0, [&] {
    if (is.type == kRouter) router(fields);
    if (is.type == kNetwork) network(fields);
    if (is.type == kSummary || is.type == kBorderSummary) summary(fields);
    if (is.type == kExternal || is.type == kNssa) external(fields);
  });
}

}  // namespace labreel::decode
