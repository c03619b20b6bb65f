// BGP's messages. Source: RFC 4271, RFC 5492, RFC 2918.
#include "replay/decode/bgp.h"

#include <algorithm>
#include <array>

#include "replay/address_text.h"

namespace labreel::decode {
namespace {

constexpr std::size_t kMarkerBytes = 16, kHeaderBytes = 19;
constexpr std::uint64_t kOpen = 1, kUpdate = 2, kNotification = 3, kRouteRefresh = 5;
constexpr std::array kTypes{Word{kOpen, "OPEN Message"}, Word{kUpdate, "UPDATE Message"}, Word{kNotification, "NOTIFICATION Message"},
                            Word{4, "KEEPALIVE Message"}, Word{kRouteRefresh, "ROUTE-REFRESH Message"}};
constexpr std::array kFamilies{Word{1, "IPv4"}, Word{2, "IPv6"}, Word{25, "Layer-2 VPN"}};
constexpr std::array kSubsequent{Word{1, "Unicast"}, Word{2, "Multicast"}, Word{4, "Labeled Unicast"}, Word{70, "EVPN"}, Word{128, "Labeled VPN Unicast"}};

void capability(Fields& fields) {
  constexpr std::uint64_t kMultiprotocol = 1, kGracefulRestart = 64, kFourByteNumbers = 65, kAddPath = 69, kHostName = 73;
  constexpr std::array kCapabilities{Word{kMultiprotocol, "Multiprotocol extensions capability"}, Word{2, "Route refresh capability"},
                                     Word{6, "BGP-Extended Message"}, Word{kGracefulRestart, "Graceful Restart capability"},
                                     Word{kFourByteNumbers, "Support for 4-octet AS number capability"},
                                     Word{kAddPath, "Support for Additional Paths"}, Word{70, "Enhanced route refresh capability"},
                                     Word{71, "Long-Lived Graceful Restart (LLGR) Capability"}, Word{kHostName, "FQDN Capability"}};
  constexpr std::array kDirections{Word{1, "Receive"}, Word{2, "Send"}, Word{3, "Both"}};
  const std::string_view word = word_of(kCapabilities, fields.peek(0, 1));
  fields.group(2 + fields.peek(1, 1), "bgp.cap", word.empty() ? "Capability" : word);
  const auto parts = fields.parts();
  const std::uint64_t type = fields.dec(1, "bgp.cap.type", "Type", kCapabilities);
  const std::uint64_t length = fields.dec(1, "bgp.cap.length", "Length");
  fields.within(length, [&] {
    if (type == kMultiprotocol) {
      fields.dec(2, "bgp.cap.mp.afi", "AFI", kFamilies);
      fields.skip(1);
      fields.dec(1, "bgp.cap.mp.safi", "SAFI", kSubsequent);
    } else if (type == kFourByteNumbers) {
      fields.dec(4, "bgp.cap.4as", "AS Number");
    } else if (type == kGracefulRestart) {
      fields.hex(2, "bgp.cap.gr.timers", "Restart Timers");
      fields.flag(0x8000, "bgp.cap.gr.timers.restart_flag", "Restart state");
      fields.part(0x0fff, "bgp.cap.gr.timers.restart_time", "Time");
    } else if (type == kHostName) {
      fields.text(fields.dec(1, "bgp.cap.orf.fqdn.hostname.len", "Hostname Length"), "bgp.cap.orf.fqdn.hostname", "Hostname");
      fields.text(fields.dec(1, "bgp.cap.orf.fqdn.domain_name.len", "Domain Name Length"), "bgp.cap.orf.fqdn.domain_name",
                  "Domain Name");
    }
    while (type == kAddPath && fields.left() > 0) {
      fields.dec(2, "bgp.cap.ap.afi", "AFI", kFamilies);
      fields.dec(1, "bgp.cap.ap.safi", "SAFI", kSubsequent);
      fields.dec(1, "bgp.cap.ap.sendreceive", "Send/Receive", kDirections);
    }
  });
}

void open(Fields& fields) {
  constexpr std::uint64_t kCapability = 2;
  constexpr std::array kParameters{Word{kCapability, "Capability"}};
  fields.dec(1, "bgp.open.version", "Version");
  fields.dec(2, "bgp.open.myas", "My AS");
  fields.dec(2, "bgp.open.holdtime", "Hold Time");
  fields.ipv4("bgp.open.identifier", "BGP Identifier");
  const std::uint64_t length = fields.dec(1, "bgp.open.opt.len", "Optional Parameters Length");
  fields.within(length, [&] {
    while (fields.left() > 0) {
      fields.group(2 + fields.peek(1, 1), "bgp.open.opt.param", "Optional Parameter");
      const auto parts = fields.parts();
      const std::uint64_t type = fields.dec(1, "bgp.open.opt.param.type", "Parameter Type", kParameters);
      const std::uint64_t size = fields.dec(1, "bgp.open.opt.param.len", "Parameter Length");
      fields.within(size, [&] {
        while (type == kCapability && fields.left() > 0) capability(fields);
      });
    }
  });
}

void update(Fields& fields) {
  const std::uint64_t withdrawn = fields.dec(2, "bgp.update.withdrawn_routes.length", "Withdrawn Routes Length");
  if (withdrawn > 0) fields.group(withdrawn, "bgp.update.withdrawn_routes", "Withdrawn Routes");
  fields.within(withdrawn, [&] {
    const auto parts = fields.parts();
    while (fields.left() > 0) bgp_prefix(fields, false, "bgp.withdrawn_prefix", "Withdrawn prefix");
  });
  const std::uint64_t attributes = fields.dec(2, "bgp.update.path_attributes.length", "Total Path Attribute Length");
  if (attributes > 0) fields.group(attributes, "bgp.update.path_attributes", "Path attributes");
  fields.within(attributes, [&] {
    const auto parts = fields.parts();
    bgp_attributes(fields);
  });
  if (fields.left() > 0) fields.group(fields.left(), "bgp.update.nlri", "Network Layer Reachability Information (NLRI)");
  const auto parts = fields.parts();
  while (fields.left() > 0) bgp_prefix(fields, false, "bgp.nlri_prefix", "NLRI prefix");
}

void notification(Fields& fields) {
  constexpr std::uint64_t kCease = 6;
  constexpr std::array kErrors{Word{1, "Message Header Error"}, Word{2, "OPEN Message Error"}, Word{3, "UPDATE Message Error"},
                               Word{4, "Hold Timer Expired"}, Word{5, "Finite State Machine Error"}, Word{kCease, "Cease"}};
  constexpr std::array kCeases{Word{1, "Maximum Number of Prefixes Reached"}, Word{2, "Administratively Shutdown"}, Word{3, "Peer De-configured"},
                               Word{4, "Administratively Reset"}, Word{5, "Connection Rejected"}, Word{6, "Other Configuration Change"},
                               Word{7, "Connection Collision Resolution"}, Word{8, "Out of Resources"}, Word{9, "Hard Reset"}};
  const std::uint64_t error = fields.dec(1, "bgp.notify.major_error", "Major error Code", kErrors);
  if (error == kCease) {
    fields.dec(1, "bgp.notify.minor_error_cease", "Minor error Code (Cease)", kCeases);
  } else {
    fields.skip(1);
  }
  fields.bytes(fields.left(), "bgp.notify.minor_data", "Data");
}

void route_refresh(Fields& fields) {
  fields.dec(2, "bgp.route_refresh.afi", "Address family identifier (AFI)", kFamilies);
  fields.dec(1, "bgp.route_refresh.subtype", "Subtype");
  fields.dec(1, "bgp.route_refresh.safi", "Subsequent address family identifier (SAFI)", kSubsequent);
}

bool starts_message(Bytes bytes) {
  const auto is_one = [](std::byte byte) { return byte == std::byte{0xff}; };
  return bytes.size() >= kHeaderBytes && std::all_of(bytes.begin(), bytes.begin() + kMarkerBytes, is_one);
}

// One message. Returns how many bytes it has.
std::size_t message(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "bgp", "Border Gateway Protocol"};
  fields.bytes(kMarkerBytes, "bgp.marker", "Marker");
  const std::uint64_t length = fields.dec(2, "bgp.length", "Length");
  const std::uint64_t type = fields.dec(1, "bgp.type", "Type", kTypes);
  const std::string_view word = word_of(kTypes, type);
  if (!word.empty()) fields.add_to_title(" - " + std::string(word));
  fields.within(length > kHeaderBytes ? length - kHeaderBytes : 0, [&] {
    if (type == kOpen) open(fields);
    if (type == kUpdate) update(fields);
    if (type == kNotification) notification(fields);
    if (type == kRouteRefresh) route_refresh(fields);
  });
  return std::max<std::size_t>(length, kHeaderBytes);
}

}  // namespace

const Words kAddressFamilies = kFamilies;
const Words kSubsequentFamilies = kSubsequent;

void bgp_prefix(Fields& fields, bool is_ipv6, std::string_view name, std::string_view label) {
  const std::uint64_t length = fields.peek(0, 1);
  fields.group(1 + (length + 7) / 8, "", "Prefix");
  const auto parts = fields.parts();
  fields.dec(1, "bgp.prefix_length", "Prefix length");
  const Bytes given = fields.skip((length + 7) / 8);
  std::array<std::byte, 16> address{};
  std::copy_n(given.begin(), std::min(given.size(), address.size()), address.begin());
  fields.note(name, label, is_ipv6 ? ipv6_address(address) : ipv4_address(Bytes{address}.first(4)), given);
}

// A segment may begin in the middle of a message: without the stream, that is only data.
void bgp(Walk& walk, Bytes bytes) {
  while (!bytes.empty() && !walk.is_full()) {
    if (!starts_message(bytes)) return data(walk, bytes);
    bytes = bytes.subspan(std::min(message(walk, bytes), bytes.size()));
  }
}

}  // namespace labreel::decode
