// IPv4, and IPv6 with its extension headers. Source: RFC 791, RFC 2474, RFC 3168, RFC 8200.
#include <algorithm>
#include <array>

#include "replay/decode/protocols.h"
#include "replay/ip_protocols.h"

namespace labreel::decode {
namespace {

constexpr std::array kServices{Word{0, "Default"}, Word{8, "Class Selector 1"}, Word{10, "Assured Forwarding 11"}, Word{16, "Class Selector 2"},
                               Word{24, "Class Selector 3"}, Word{32, "Class Selector 4"}, Word{40, "Class Selector 5"},
                               Word{46, "Expedited Forwarding"}, Word{48, "Class Selector 6"}, Word{56, "Class Selector 7"}};
constexpr std::array kCongestion{Word{0, "Not ECN-Capable Transport"}, Word{1, "ECN-Capable Transport codepoint '01'"},
                                 Word{2, "ECN-Capable Transport codepoint '10'"}, Word{3, "Congestion Experienced"}};

// Source: RFC 791 section 3.1.
void ipv4_options(Fields& fields) {
  constexpr std::array kOptions{Word{0, "End of Options List"}, Word{1, "No Operation"}, Word{7, "Record Route"},
                                Word{68, "Time Stamp"}, Word{148, "Router Alert"}};
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t type = fields.dec(1, "ip.opt.type", "Type", kOptions);
    if (type == 0) return;
    if (type == 1) continue;
    const auto parts = fields.parts();
    const std::uint64_t length = fields.dec(1, "ip.opt.len", "Length");
    if (length < 2) return;
    if (type == 148 && length == 4) {
      fields.dec(2, "ip.opt.ra", "Router Alert");
    } else {
      fields.skip(length - 2);
    }
  }
}

// A piece of a packet: what it begins with is a header only in the first one.
void fragment(Walk& walk, std::uint8_t protocol, std::uint64_t offset, Bytes bytes) {
  offset == 0 ? by_ip_protocol(walk, protocol, bytes) : data(walk, bytes);
}

// Source: RFC 8200 section 4.2, RFC 2711.
void ipv6_options(Fields& fields) {
  constexpr std::array kOptions{Word{0, "Pad1"}, Word{1, "PadN"}, Word{5, "Router Alert"}};
  constexpr std::array kAlerts{Word{0, "MLD"}};
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t type = fields.hex(1, "ipv6.opt.type", "Type", kOptions);
    if (type == 0) continue;
    const auto parts = fields.parts();
    const std::uint64_t length = fields.dec(1, "ipv6.opt.length", "Length");
    fields.within(length, [&] {
      if (type == 5 && length == 2) fields.dec(2, "ipv6.opt.router_alert", "Router Alert", kAlerts);
    });
  }
}

struct ExtensionNames {
  std::uint8_t header;
  std::string_view name, title, next, length;
};
constexpr std::array kExtensionNames{
    ExtensionNames{kHopByHop, "ipv6.hopopts", "IPv6 Hop-by-Hop Option", "ipv6.hopopts.nxt", "ipv6.hopopts.len"},
    ExtensionNames{kDestinationOptions, "ipv6.dstopts", "Destination Options for IPv6", "ipv6.dstopts.nxt", "ipv6.dstopts.len"},
    ExtensionNames{kRouting, "ipv6.routing", "Routing Header for IPv6", "ipv6.routing.nxt", "ipv6.routing.len"}};

void ipv6_fragment(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "ipv6.fraghdr", "Fragment Header for IPv6"};
  const auto next = static_cast<std::uint8_t>(fields.dec(1, "ipv6.fraghdr.nxt", "Next header", kIpProtocols));
  fields.hex(1, "ipv6.fraghdr.reserved_octet", "Reserved octet");
  fields.read(2);
  const std::uint64_t offset = fields.part(0xfff8, "ipv6.fraghdr.offset", "Offset");
  fields.part(0x0006, "ipv6.fraghdr.reserved_bits", "Reserved bits");
  fields.flag(0x0001, "ipv6.fraghdr.more", "More Fragments");
  fields.hex(4, "ipv6.fraghdr.ident", "Identification");
  if (!fields.ok()) return;
  is_ipv6_extension(next) && offset == 0 ? ipv6_extension(walk, next, fields.rest()) : fragment(walk, next, offset, fields.rest());
}

}  // namespace

void ipv4(Walk& walk, Bytes bytes) {
  constexpr unsigned kHeaderBytes_min = 20;
  Fields fields{walk, bytes, "ip", "Internet Protocol Version 4"};
  fields.read(1);
  const std::uint64_t version = fields.part(0xf0, "ip.version", "Version");
  const std::uint64_t header_bytes = fields.scaled_part(0x0f, 4, "ip.hdr_len", "Header Length");
  fields.hex(1, "ip.dsfield", "Differentiated Services Field");
  {
    const auto parts = fields.parts();
    fields.part(0xfc, "ip.dsfield.dscp", "Differentiated Services Codepoint", kServices);
    fields.part(0x03, "ip.dsfield.ecn", "Explicit Congestion Notification", kCongestion);
  }
  const std::uint64_t total_length = fields.dec(2, "ip.len", "Total Length");
  fields.hex(2, "ip.id", "Identification");
  fields.read(2);
  fields.part(0xe000, "ip.flags", "Flags", {}, 2);
  {
    const auto parts = fields.parts();
    fields.flag(0x8000, "ip.flags.rb", "Reserved bit");
    fields.flag(0x4000, "ip.flags.df", "Don't fragment");
    fields.flag(0x2000, "ip.flags.mf", "More fragments");
  }
  const std::uint64_t offset = fields.part(0x1fff, "ip.frag_offset", "Fragment Offset");
  fields.dec(1, "ip.ttl", "Time to Live");
  const auto protocol = static_cast<std::uint8_t>(fields.dec(1, "ip.proto", "Protocol", kIpProtocols));
  fields.hex(2, "ip.checksum", "Header Checksum");
  fields.ipv4("ip.src", "Source Address");
  fields.ipv4("ip.dst", "Destination Address");
  if (!fields.ok()) return;
  if (version != 4 || header_bytes < kHeaderBytes_min) return fields.add_to_title(" with a bad header");
  fields.within(header_bytes - kHeaderBytes_min, [&] { ipv4_options(fields); });
  Bytes payload = fields.rest();
  // 0: the card was to fill it in (segmentation offload).
  if (total_length >= header_bytes) {
    if (total_length - header_bytes > payload.size()) fields.add_to_title(" [truncated]");
    payload = payload.first(std::min<std::size_t>(payload.size(), total_length - header_bytes));
    walk.end_of_packet(payload.data() + payload.size());
  }
  fragment(walk, protocol, offset, payload);
}

void ipv6_extension(Walk& walk, std::uint8_t header, Bytes bytes) {
  if (bytes.empty() || walk.is_full()) return;
  if (header == kFragment) return ipv6_fragment(walk, bytes);
  const auto* const names = std::find_if(kExtensionNames.begin(), kExtensionNames.end(),
                                         [&](const ExtensionNames& one) { return one.header == header; });
  if (names == kExtensionNames.end()) return by_ip_protocol(walk, header, bytes);
  Fields fields{walk, bytes, names->name, names->title};
  const auto next = static_cast<std::uint8_t>(fields.dec(1, names->next, "Next Header", kIpProtocols));
  const std::uint64_t length = fields.dec(1, names->length, "Length");
  fields.within(6 + 8 * length, [&] {
    if (header != kRouting) return ipv6_options(fields);
    fields.dec(1, "ipv6.routing.type", "Type");
    fields.dec(1, "ipv6.routing.segleft", "Segments Left");
  });
  if (fields.ok()) ipv6_extension(walk, next, fields.rest());
}

void ipv6(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "ipv6", "Internet Protocol Version 6"};
  fields.read(4);
  const std::uint64_t version = fields.part(0xf0000000, "ipv6.version", "Version");
  fields.part(0x0ff00000, "ipv6.tclass", "Traffic Class", {}, 8);
  {
    const auto parts = fields.parts();
    fields.part(0x0fc00000, "ipv6.tclass.dscp", "Differentiated Services Codepoint", kServices);
    fields.part(0x00300000, "ipv6.tclass.ecn", "Explicit Congestion Notification", kCongestion);
  }
  fields.part(0x000fffff, "ipv6.flow", "Flow Label", {}, 6);
  const std::uint64_t payload_length = fields.dec(2, "ipv6.plen", "Payload Length");
  const auto next = static_cast<std::uint8_t>(fields.dec(1, "ipv6.nxt", "Next Header", kIpProtocols));
  fields.dec(1, "ipv6.hlim", "Hop Limit");
  fields.ipv6("ipv6.src", "Source Address");
  fields.ipv6("ipv6.dst", "Destination Address");
  if (!fields.ok()) return;
  if (version != 6) return fields.add_to_title(" with a bad header");
  Bytes payload = fields.rest();
  if (payload_length != 0) {  // 0: as IPv4's
    if (payload_length > payload.size()) fields.add_to_title(" [truncated]");
    payload = payload.first(std::min<std::size_t>(payload.size(), payload_length));
    walk.end_of_packet(payload.data() + payload.size());
  }
  ipv6_extension(walk, next, payload);
}

}  // namespace labreel::decode
