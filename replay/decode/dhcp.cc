// DHCP for IPv4. Source: RFC 2131, RFC 2132.
#include <algorithm>
#include <array>

#include "engine/text/hex.h"
#include "engine/text/text.h"
#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kPad = 0, kMessageType = 53, kRequestList = 55, kEnd = 255;
constexpr std::array kOptions{Word{1, "Subnet Mask"}, Word{3, "Router"}, Word{6, "Domain Name Server"}, Word{12, "Host Name"},
                              Word{15, "Domain Name"}, Word{26, "Interface MTU"}, Word{28, "Broadcast Address"}, Word{42, "Network Time Protocol Servers"},
                              Word{50, "Requested IP Address"}, Word{51, "IP Address Lease Time"}, Word{kMessageType, "DHCP Message Type"},
                              Word{54, "DHCP Server Identifier"}, Word{kRequestList, "Parameter Request List"}, Word{56, "Message"},
                              Word{57, "Maximum DHCP Message Size"}, Word{58, "Renewal Time Value"}, Word{59, "Rebinding Time Value"},
                              Word{60, "Vendor class identifier"}, Word{61, "Client identifier"}, Word{119, "Domain Search"},
                              Word{121, "Classless Static Route"}, Word{kEnd, "End"}};
constexpr std::array kMessages{Word{1, "Discover"}, Word{2, "Offer"}, Word{3, "Request"}, Word{4, "Decline"},
                               Word{5, "ACK"}, Word{6, "NAK"}, Word{7, "Release"}, Word{8, "Inform"}};

void value(Fields& fields, std::uint64_t type) {
  switch (type) {
    case 1:
      return fields.ipv4("dhcp.option.subnet_mask", "Subnet Mask");
    case 3:
      while (fields.left() > 0) fields.ipv4("dhcp.option.router", "Router");
      return;
    case 6:
      while (fields.left() > 0) fields.ipv4("dhcp.option.domain_name_server", "Domain Name Server");
      return;
    case 12:
      fields.text(fields.left(), "dhcp.option.hostname", "Host Name");
      return;
    case 15:
      fields.text(fields.left(), "dhcp.option.domain_name", "Domain Name");
      return;
    case 28:
      return fields.ipv4("dhcp.option.broadcast_address", "Broadcast Address");
    case 50:
      return fields.ipv4("dhcp.option.requested_ip_address", "Requested IP Address");
    case 51:
      fields.dec(4, "dhcp.option.ip_address_lease_time", "IP Address Lease Time");
      return;
    case kMessageType:
      fields.dec(1, "dhcp.option.dhcp", "DHCP", kMessages);
      return;
    case 54:
      return fields.ipv4("dhcp.option.dhcp_server_id", "DHCP Server Identifier");
    case kRequestList:
      while (fields.left() > 0) fields.dec(1, "dhcp.option.request_list_item", "Parameter Request List Item", kOptions);
      return;
    case 58:
      fields.dec(4, "dhcp.option.renewal_time_value", "Renewal Time Value");
      return;
    case 59:
      fields.dec(4, "dhcp.option.rebinding_time_value", "Rebinding Time Value");
      return;
    default:
      return;
  }
}

void options(Fields& fields) {
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t type = fields.peek(0, 1);
    if (type == kPad) {
      fields.skip(1);
      continue;
    }
    if (type == kEnd) {
      fields.dec(1, "dhcp.option.end", "Option End");
      return;
    }
    const Bytes option = fields.rest().first(std::min<std::size_t>(2 + fields.peek(1, 1), fields.left()));
    const std::string_view word = word_of(kOptions, type);
    fields.note("dhcp.option.type", "Option", std::to_string(type) + (word.empty() ? "" : " (" + std::string(word) + ")"), option);
    fields.skip(1);
    const auto parts = fields.parts();
    const std::uint64_t length = fields.dec(1, "dhcp.option.length", "Length");
    fields.within(length, [&] { value(fields, type); });
  }
}

// A name in a field of fixed size, ended by zeros.
void name(Fields& fields, std::size_t size, std::string_view field, std::string_view label) {
  const Bytes room = fields.skip(size);
  const std::string_view text = as_text(room.first(static_cast<std::size_t>(std::find(room.begin(), room.end(), std::byte{0}) - room.begin())));
  if (!text.empty()) fields.note(field, label, printable(text), room);
}

}  // namespace

void dhcp(Walk& walk, Bytes bytes) {
  constexpr std::uint64_t kCookie = 0x63825363;
  constexpr std::array kTypes{Word{1, "Boot Request"}, Word{2, "Boot Reply"}};
  Fields fields{walk, bytes, "dhcp", "Dynamic Host Configuration Protocol"};
  fields.dec(1, "dhcp.type", "Message type", kTypes);
  const std::uint64_t hardware = fields.hex(1, "dhcp.hw.type", "Hardware type");
  const std::uint64_t hardware_size = fields.dec(1, "dhcp.hw.len", "Hardware address length");
  fields.dec(1, "dhcp.hops", "Hops");
  fields.hex(4, "dhcp.id", "Transaction ID");
  fields.dec(2, "dhcp.secs", "Seconds elapsed");
  fields.hex(2, "dhcp.flags", "Bootp flags");
  {
    const auto parts = fields.parts();
    fields.flag(0x8000, "dhcp.flags.bc", "Broadcast flag");
    fields.part(0x7fff, "dhcp.flags.reserved", "Reserved flags", {}, 4);
  }
  fields.ipv4("dhcp.ip.client", "Client IP address");
  fields.ipv4("dhcp.ip.your", "Your (client) IP address");
  fields.ipv4("dhcp.ip.server", "Next server IP address");
  fields.ipv4("dhcp.ip.relay", "Relay agent IP address");
  if (hardware == 1 && hardware_size == 6) {
    fields.mac("dhcp.hw.mac_addr", "Client MAC address");
    fields.bytes(10, "dhcp.hw.addr_padding", "Client hardware address padding");
  } else {
    fields.skip(16);
  }
  name(fields, 64, "dhcp.server", "Server host name");
  name(fields, 128, "dhcp.file", "Boot file name");
  if (fields.peek(0, 4) != kCookie) return;
  fields.ipv4("dhcp.cookie", "Magic cookie");
  options(fields);
}

}  // namespace labreel::decode
