// ICMPv6 with neighbour discovery and multicast listeners. Source: RFC 4443, RFC 4861, RFC 3810, RFC 8106.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kListenerReport_v1 = 131, kListenerDone = 132, kRouterSolicitation = 133, kRouterAdvertisement = 134,
                        kNeighbourSolicitation = 135, kNeighbourAdvertisement = 136, kRedirect = 137, kListenerReport = 143;
constexpr std::array kTypes{Word{1, "Destination Unreachable"}, Word{2, "Packet Too Big"}, Word{3, "Time Exceeded"},
                            Word{4, "Parameter Problem"}, Word{128, "Echo (ping) request"}, Word{129, "Echo (ping) reply"},
                            Word{130, "Multicast Listener Query"}, Word{kListenerReport_v1, "Multicast Listener Report"},
                            Word{kListenerDone, "Multicast Listener Done"}, Word{kRouterSolicitation, "Router Solicitation"},
                            Word{kRouterAdvertisement, "Router Advertisement"}, Word{kNeighbourSolicitation, "Neighbor Solicitation"},
                            Word{kNeighbourAdvertisement, "Neighbor Advertisement"}, Word{kRedirect, "Redirect"},
                            Word{kListenerReport, "Multicast Listener Report Message v2"}};
constexpr std::array kUnreachable{Word{0, "no route to destination"}, Word{1, "Administratively prohibited"},
                                  Word{3, "Address unreachable"}, Word{4, "Port unreachable"}};
constexpr std::array kExceeded{Word{0, "hop limit exceeded in transit"}, Word{1, "fragment reassembly time exceeded"}};

Words codes_of(std::uint64_t type) {
  if (type == 1) return kUnreachable;
  return type == 3 ? Words{kExceeded} : Words{};
}

void prefix_information(Fields& fields) {
  fields.dec(1, "icmpv6.opt.prefix.length", "Prefix Length");
  fields.hex(1, "icmpv6.opt.prefix.flag", "Flag");
  {
    const auto parts = fields.parts();
    fields.flag(0x80, "icmpv6.opt.prefix.flag.l", "On-link flag(L)");
    fields.flag(0x40, "icmpv6.opt.prefix.flag.a", "Autonomous address-configuration flag(A)");
    fields.flag(0x20, "icmpv6.opt.prefix.flag.r", "Router address flag(R)");
  }
  fields.dec(4, "icmpv6.opt.prefix.valid_lifetime", "Valid Lifetime");
  fields.dec(4, "icmpv6.opt.prefix.preferred_lifetime", "Preferred Lifetime");
  fields.skip(4);
  fields.ipv6("icmpv6.opt.prefix", "Prefix");
}

// Source: RFC 4861 section 4.6.
void option(Fields& fields, std::uint64_t type) {
  switch (type) {
    case 1:
      return fields.mac("icmpv6.opt.linkaddr", "Link-layer address");
    case 2:
      return fields.mac("icmpv6.opt.linkaddr", "Link-layer address");
    case 3:
      return prefix_information(fields);
    case 5:
      fields.skip(2);
      fields.dec(4, "icmpv6.opt.mtu", "MTU");
      return;
    case 25:
      fields.skip(2);
      fields.dec(4, "icmpv6.opt.rdnss.lifetime", "Lifetime");
      while (fields.left() >= 16) fields.ipv6("icmpv6.opt.rdnss", "Recursive DNS Servers");
      return;
    default:
      return;
  }
}

void options(Fields& fields) {
  constexpr std::array kOptions{Word{1, "Source link-layer address"}, Word{2, "Target link-layer address"}, Word{3, "Prefix information"},
                                Word{4, "Redirected header"}, Word{5, "MTU"}, Word{14, "Nonce"}, Word{24, "Route Information"},
                                Word{25, "Recursive DNS Server Option"}, Word{31, "DNS Search List Option"}};
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t type = fields.dec(1, "icmpv6.opt.type", "Type", kOptions);
    const auto parts = fields.parts();
    const std::uint64_t length = 8 * fields.dec(1, "icmpv6.opt.length", "Length");
    if (length == 0) return;
    fields.within(length - 2, [&] { option(fields, type); });
  }
}

void router_advertisement(Fields& fields) {
  constexpr std::array kPreference{Word{0, "Medium"}, Word{1, "High"}, Word{2, "Reserved"}, Word{3, "Low"}};
  fields.dec(1, "icmpv6.nd.ra.cur_hop_limit", "Cur hop limit");
  fields.hex(1, "icmpv6.nd.ra.flag", "Flags");
  {
    const auto parts = fields.parts();
    fields.flag(0x80, "icmpv6.nd.ra.flag.m", "Managed address configuration");
    fields.flag(0x40, "icmpv6.nd.ra.flag.o", "Other configuration");
    fields.flag(0x20, "icmpv6.nd.ra.flag.h", "Home Agent");
    fields.part(0x18, "icmpv6.nd.ra.flag.prf", "Prf (Default Router Preference)", kPreference);
  }
  fields.dec(2, "icmpv6.nd.ra.router_lifetime", "Router lifetime");
  fields.dec(4, "icmpv6.nd.ra.reachable_time", "Reachable time");
  fields.dec(4, "icmpv6.nd.ra.retrans_timer", "Retrans timer");
  options(fields);
}

void neighbour_advertisement(Fields& fields) {
  fields.hex(4, "icmpv6.nd.na.flag", "Flags");
  {
    const auto parts = fields.parts();
    fields.flag(0x80000000, "icmpv6.nd.na.flag.r", "Router");
    fields.flag(0x40000000, "icmpv6.nd.na.flag.s", "Solicited");
    fields.flag(0x20000000, "icmpv6.nd.na.flag.o", "Override");
  }
  fields.ipv6("icmpv6.nd.na.target_address", "Target Address");
  options(fields);
}

void listener_report(Fields& fields) {
  constexpr std::array kRecords{Word{1, "Include"}, Word{2, "Exclude"}, Word{3, "Changed to include"}, Word{4, "Changed to exclude"},
                                Word{5, "Allow new sources"}, Word{6, "Block old sources"}};
  fields.skip(2);
  const std::uint64_t records = fields.dec(2, "icmpv6.mldr.nb_mcast_records", "Number of Multicast Address Records");
  for (std::uint64_t i = 0; i < records && fields.left() > 0; ++i) {
    fields.dec(1, "icmpv6.mldr.mar.record_type", "Record Type", kRecords);
    const auto parts = fields.parts();
    const std::uint64_t extra = fields.dec(1, "icmpv6.mldr.mar.aux_data_len", "Aux Data Len");
    const std::uint64_t sources = fields.dec(2, "icmpv6.mldr.mar.nb_sources", "Number of Sources");
    fields.ipv6("icmpv6.mldr.mar.multicast_address", "Multicast Address");
    for (std::uint64_t s = 0; s < sources && fields.ok(); ++s) fields.ipv6("icmpv6.mldr.mar.source_address", "Source Address");
    fields.skip(4 * extra);
  }
}

void body(Fields& fields, std::uint64_t type) {
  switch (type) {
    case 128:
    case 129:
      fields.hex(2, "icmpv6.echo.identifier", "Identifier");
      fields.dec(2, "icmpv6.echo.sequence_number", "Sequence");
      return;
    case 2:
      fields.dec(4, "icmpv6.mtu", "MTU");
      return;
    case 130:
    case kListenerReport_v1:
    case kListenerDone:
      fields.dec(2, "icmpv6.mld.maximum_response_delay", "Maximum Response Delay");
      fields.skip(2);
      return fields.ipv6("icmpv6.mld.multicast_address", "Multicast Address");
    case kRouterSolicitation:
      fields.skip(4);
      return options(fields);
    case kRouterAdvertisement:
      return router_advertisement(fields);
    case kNeighbourSolicitation:
      fields.skip(4);
      fields.ipv6("icmpv6.nd.ns.target_address", "Target Address");
      return options(fields);
    case kNeighbourAdvertisement:
      return neighbour_advertisement(fields);
    case kRedirect:
      fields.skip(4);
      fields.ipv6("icmpv6.rd.na.target_address", "Target Address");
      fields.ipv6("icmpv6.rd.na.destination_address", "Destination Address");
      return options(fields);
    case kListenerReport:
      return listener_report(fields);
    default:
      fields.skip(4);
      return;
  }
}

}  // namespace

void icmpv6(Walk& walk, Bytes bytes) {
  constexpr std::uint64_t kErrors_max = 127;
  Fields fields{walk, bytes, "icmpv6", "Internet Control Message Protocol v6"};
  const std::uint64_t type = fields.dec(1, "icmpv6.type", "Type", kTypes);
  fields.dec(1, "icmpv6.code", "Code", codes_of(type));
  fields.hex(2, "icmpv6.checksum", "Checksum");
  if (!fields.ok()) return;
  const std::string_view word = word_of(kTypes, type);
  if (!word.empty()) fields.add_to_title(", " + std::string(word));
  body(fields, type);
  // An error quotes the packet that it is about.
  type <= kErrors_max ? by_ethertype(walk, 0x86dd, fields.rest()) : data(walk, fields.rest());
}

}  // namespace labreel::decode
