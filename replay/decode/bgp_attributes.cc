// BGP's path attributes. Source: RFC 4271 section 4.3, RFC 4760, RFC 1997, RFC 4360, RFC 8092, RFC 4456, RFC 6793.
#include <array>

#include "replay/decode/bgp.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kOrigin = 1, kAsPath = 2, kNextHop = 3, kDiscriminator = 4, kLocalPreference = 5, kAggregator = 7, kCommunities = 8,
                        kOriginator = 9, kClusters = 10, kReach = 14, kUnreach = 15, kExtended = 16, kAs4Path = 17, kLarge = 32;
constexpr std::array kTypes{Word{kOrigin, "ORIGIN"}, Word{kAsPath, "AS_PATH"}, Word{kNextHop, "NEXT_HOP"}, Word{kDiscriminator, "MULTI_EXIT_DISC"},
                            Word{kLocalPreference, "LOCAL_PREF"}, Word{6, "ATOMIC_AGGREGATE"}, Word{kAggregator, "AGGREGATOR"},
                            Word{kCommunities, "COMMUNITIES"}, Word{kOriginator, "ORIGINATOR_ID"}, Word{kClusters, "CLUSTER_LIST"},
                            Word{kReach, "MP_REACH_NLRI"}, Word{kUnreach, "MP_UNREACH_NLRI"}, Word{kExtended, "EXTENDED_COMMUNITIES"},
                            Word{kAs4Path, "AS4_PATH"}, Word{kLarge, "LARGE_COMMUNITY"}};
constexpr std::array kOrigins{Word{0, "IGP"}, Word{1, "EGP"}, Word{2, "INCOMPLETE"}};
constexpr std::uint64_t kIpv6 = 2;

// The numbers have two bytes or four, as the neighbours agreed in their OPENs: only one of them fits the attribute's length.
std::size_t as_bytes_of(Bytes path) {
  for (const std::size_t size : {std::size_t{4}, std::size_t{2}}) {
    std::size_t at = 0;
    while (at + 2 <= path.size()) at += 2 + size * std::to_integer<std::size_t>(path[at + 1]);
    if (at == path.size()) return size;
  }
  return 4;
}

void as_path(Fields& fields) {
  constexpr std::array kSegments{Word{1, "AS_SET"}, Word{2, "AS_SEQUENCE"}, Word{3, "AS_CONFED_SEQUENCE"}, Word{4, "AS_CONFED_SET"}};
  const std::size_t size = as_bytes_of(fields.rest());
  while (fields.left() > 0) {
    fields.group(2 + size * fields.peek(1, 1), "bgp.update.path_attribute.as_path_segment", "AS Path segment");
    const auto parts = fields.parts();
    fields.dec(1, "bgp.update.path_attribute.as_path_segment.type", "Segment type", kSegments);
    const std::uint64_t numbers = fields.dec(1, "bgp.update.path_attribute.as_path_segment.length", "Segment length (number of ASN)");
    for (std::uint64_t i = 0; i < numbers && fields.left() > 0; ++i) {
      size == 4 ? fields.dec(4, "bgp.update.path_attribute.as_path_segment.as4", "AS4")
                : fields.dec(2, "bgp.update.path_attribute.as_path_segment.as2", "AS2");
    }
  }
}

void communities(Fields& fields) {
  constexpr std::array kKnown{Word{0xffffff01, "NO_EXPORT"}, Word{0xffffff02, "NO_ADVERTISE"}, Word{0xffffff03, "NO_EXPORT_SUBCONFED"},
                              Word{0xffff029a, "BLACKHOLE"}};
  while (fields.left() > 0) {
    if (!word_of(kKnown, fields.peek(0, 4)).empty()) {
      fields.hex(4, "bgp.update.path_attribute.community_wellknown", "Community Well-known", kKnown);
      continue;
    }
    fields.group(4, "bgp.update.path_attribute.community", "Community");
    const auto parts = fields.parts();
    fields.dec(2, "bgp.update.path_attribute.community_as", "Community AS");
    fields.dec(2, "bgp.update.path_attribute.community_value", "Community value");
  }
}

void extended_communities(Fields& fields) {
  constexpr std::array kCommunityTypes{Word{0x00, "Transitive 2-Octet AS-Specific"}, Word{0x01, "Transitive IPv4-Address-Specific"},
                                       Word{0x02, "Transitive 4-Octet AS-Specific"}, Word{0x03, "Transitive Opaque"}};
  constexpr std::array kSubtypes{Word{0x02, "Route Target"}, Word{0x03, "Route Origin"}};
  constexpr std::size_t kCommunityBytes = 8;
  while (fields.left() > 0) {
    fields.group(kCommunityBytes, "bgp.ext_community", "Extended community");
    const auto parts = fields.parts();
    const std::uint64_t type = fields.hex(1, "bgp.ext_com.type", "Type", kCommunityTypes);
    if (type != 0) {
      fields.skip(kCommunityBytes - 1);
      continue;
    }
    fields.hex(1, "bgp.ext_com.stype_tr_as2", "Subtype (AS2)", kSubtypes);
    fields.dec(2, "bgp.ext_com.value_as2", "2-Octet AS");
    fields.dec(4, "bgp.ext_com.value_an4", "4-Octet AN");
  }
}

void large_communities(Fields& fields) {
  while (fields.left() > 0) {
    fields.dec(4, "bgp.large_communities.ga", "Global Administrator");
    fields.dec(4, "bgp.large_communities.ldp1", "Local Data Part 1");
    fields.dec(4, "bgp.large_communities.ldp2", "Local Data Part 2");
  }
}

// Of families that have other prefixes, only the names are told.
void reach(Fields& fields) {
  const std::uint64_t family = fields.dec(2, "bgp.update.path_attribute.mp_reach_nlri.afi", "Address family identifier (AFI)", kAddressFamilies);
  const std::uint64_t subsequent =
      fields.dec(1, "bgp.update.path_attribute.mp_reach_nlri.safi", "Subsequent address family identifier (SAFI)", kSubsequentFamilies);
  const std::uint64_t length = fields.peek(0, 1);
  fields.skip(1);
  fields.within(length, [&] {
    if (family != kIpv6 || subsequent != 1) return;
    fields.ipv6("bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6", "IPv6 Address");
    if (fields.left() >= 16) fields.ipv6("bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6.link_local", "Link-local Address");
  });
  fields.dec(1, "bgp.update.path_attribute.mp_reach_nlri.nbr_snpa", "Number of Subnetwork points of attachment (SNPA)");
  if (family == kIpv6 && subsequent == 1) {
    while (fields.left() > 0) bgp_prefix(fields, true, "bgp.mp_reach_nlri_ipv6_prefix", "MP Reach NLRI IPv6 prefix");
  }
}

void unreach(Fields& fields) {
  const std::uint64_t family = fields.dec(2, "bgp.update.path_attribute.mp_unreach_nlri.afi", "Address family identifier (AFI)", kAddressFamilies);
  const std::uint64_t subsequent =
      fields.dec(1, "bgp.update.path_attribute.mp_unreach_nlri.safi", "Subsequent address family identifier (SAFI)", kSubsequentFamilies);
  if (family != kIpv6 || subsequent != 1) return;
  while (fields.left() > 0) bgp_prefix(fields, true, "bgp.mp_unreach_nlri_ipv6_prefix", "MP Unreach NLRI IPv6 prefix");
}

void value(Fields& fields, std::uint64_t type) {
  switch (type) {
    case kOrigin:
      fields.dec(1, "bgp.update.path_attribute.origin", "Origin", kOrigins);
      return;
    case kAsPath:
    case kAs4Path:
      return as_path(fields);
    case kNextHop:
      return fields.ipv4("bgp.update.path_attribute.next_hop", "Next hop");
    case kDiscriminator:
      fields.dec(4, "bgp.update.path_attribute.multi_exit_disc", "Multiple exit discriminator");
      return;
    case kLocalPreference:
      fields.dec(4, "bgp.update.path_attribute.local_pref", "Local preference");
      return;
    case kAggregator:
      fields.dec(fields.left() == 6 ? 2 : 4, "bgp.update.path_attribute.aggregator_as", "Aggregator AS");
      return fields.ipv4("bgp.update.path_attribute.aggregator_origin", "Aggregator origin");
    case kCommunities:
      return communities(fields);
    case kOriginator:
      return fields.ipv4("bgp.update.path_attribute.originator_id", "Originator identifier");
    case kClusters:
      while (fields.left() > 0) fields.ipv4("bgp.path_attribute.cluster_id", "Cluster ID");
      return;
    case kReach:
      return reach(fields);
    case kUnreach:
      return unreach(fields);
    case kExtended:
      return extended_communities(fields);
    case kLarge:
      return large_communities(fields);
    default:
      return;
  }
}

}  // namespace

void bgp_attributes(Fields& fields) {
  constexpr std::uint64_t kExtendedLength = 0x10;
  while (fields.left() > 0 && fields.ok()) {
    const bool is_long = (fields.peek(0, 1) & kExtendedLength) != 0;
    const std::size_t length_bytes = is_long ? 2 : 1;
    const std::string_view word = word_of(kTypes, fields.peek(1, 1));
    fields.group(2 + length_bytes + fields.peek(2, length_bytes), "bgp.update.path_attribute", word.empty() ? "Path Attribute" : word);
    const auto parts = fields.parts();
    fields.hex(1, "bgp.update.path_attribute.flags", "Flags");
    {
      const auto bits = fields.parts();
      fields.flag(0x80, "bgp.update.path_attribute.flags.optional", "Optional");
      fields.flag(0x40, "bgp.update.path_attribute.flags.transitive", "Transitive");
      fields.flag(0x20, "bgp.update.path_attribute.flags.partial", "Partial");
      fields.flag(kExtendedLength, "bgp.update.path_attribute.flags.extended_length", "Extended-Length");
    }
    const std::uint64_t type = fields.dec(1, "bgp.update.path_attribute.type_code", "Type Code", kTypes);
    const std::uint64_t length = fields.dec(length_bytes, "bgp.update.path_attribute.length", "Length");
    fields.within(length, [&] { value(fields, type); });
  }
}

}  // namespace labreel::decode
