#include "replay/packet_fields.h"

#include <algorithm>

#include "replay/address_text.h"
#include "replay/ip_protocols.h"
#include "replay/summary/byte_reader.h"

namespace labreel {
namespace {

using summary::ByteReader;

template <class Array>
void copy_to(Array& array, Bytes bytes) {
  std::transform(bytes.begin(), bytes.end(), array.begin(), [](std::byte b) { return static_cast<std::uint8_t>(b); });
}

IpAddress address_of(AddressFamily family, Bytes bytes) {
  IpAddress address;
  if (bytes.empty()) return address;
  address.family = family;
  copy_to(address.bytes, bytes);
  return address;
}

void read_transport(ByteReader reader, PacketFields& fields) {
  fields.payload = reader.take(reader.left());
  if (fields.fragment_offset != 0) return;
  if (fields.protocol != kTcp && fields.protocol != kUdp && fields.protocol != kSctp) return;
  ByteReader header{fields.payload};
  const PortPair ports{header.u16(), header.u16()};
  if (header.ok()) fields.ports = ports;
}

void read_ipv4(ByteReader& reader, PacketFields& fields) {
  constexpr unsigned kHeaderBytes_min = 20;
  const unsigned first = reader.u8();
  reader.skip(1);
  const unsigned total_length = reader.u16();
  const std::uint16_t id = reader.u16();
  const unsigned fragment = reader.u16();
  const std::uint8_t ttl = reader.u8();
  const std::uint8_t protocol = reader.u8();
  reader.skip(2);
  const Bytes source = reader.take(4);
  const Bytes destination = reader.take(4);
  const unsigned header_bytes = (first & 0xfU) * 4;
  if (!reader.ok() || first >> 4U != 4 || header_bytes < kHeaderBytes_min) return;
  fields.identification = id;
  fields.ttl = ttl;
  fields.protocol = protocol;
  fields.source = address_of(AddressFamily::ipv4, source);
  fields.destination = address_of(AddressFamily::ipv4, destination);
  fields.fragment_offset = static_cast<std::uint16_t>((fragment & 0x1fffU) * 8);
  fields.fragment = (fragment & 0x3fffU) != 0;
  reader.skip(header_bytes - kHeaderBytes_min);
  // 0: the card was to fill it in (segmentation offload).
  if (total_length >= header_bytes) reader.limit(total_length - header_bytes);
  read_transport(reader, fields);
}

void read_ipv6(ByteReader& reader, PacketFields& fields) {
  constexpr int kExtensions_max = 8;
  const std::uint32_t first = reader.u32();
  const unsigned payload_length = reader.u16();
  std::uint8_t next_header = reader.u8();
  const std::uint8_t hop_limit = reader.u8();
  const Bytes source = reader.take(16);
  const Bytes destination = reader.take(16);
  if (!reader.ok() || first >> 28U != 6) return;
  fields.flow_label = first & 0xfffffU;
  fields.ttl = hop_limit;
  fields.source = address_of(AddressFamily::ipv6, source);
  fields.destination = address_of(AddressFamily::ipv6, destination);
  if (payload_length != 0) reader.limit(payload_length);
  for (int i = 0; i < kExtensions_max && reader.ok(); ++i) {
    if (next_header == kFragment) {
      next_header = reader.u8();
      reader.skip(1);
      const unsigned offset_and_flags = reader.u16();
      fields.identification = reader.u32();
      fields.fragment_offset = static_cast<std::uint16_t>(offset_and_flags & 0xfff8U);
      fields.fragment = (offset_and_flags & 0xfff9U) != 0;
      if (fields.fragment_offset != 0) break;  // what follows is no header
    } else if (is_ipv6_extension(next_header)) {
      next_header = reader.u8();
      reader.skip(6 + 8U * reader.u8());
    } else {
      break;
    }
  }
  if (!reader.ok()) return;
  fields.protocol = next_header;
  read_transport(reader, fields);
}

void read_arp(ByteReader& reader, PacketFields& fields) {
  reader.skip(2);
  const unsigned protocol = reader.u16();
  const unsigned sizes = reader.u16();
  const std::uint16_t operation = reader.u16();
  reader.skip(6);
  const Bytes source = reader.take(4);
  reader.skip(6);
  const Bytes destination = reader.take(4);
  if (!reader.ok() || protocol != 0x0800 || sizes != 0x0604) return;
  fields.arp_operation = operation;
  fields.source = address_of(AddressFamily::ipv4, source);
  fields.destination = address_of(AddressFamily::ipv4, destination);
}

}  // namespace

std::string address_text(const IpAddress& address) {
  const Bytes bytes = std::as_bytes(std::span(address.bytes));
  switch (address.family) {
    case AddressFamily::none:
      return {};
    case AddressFamily::ipv4:
      return ipv4_address(bytes.first(4));
    case AddressFamily::ipv6:
      return ipv6_address(bytes);
  }
  return {};
}

std::optional<PacketFields> packet_fields(Bytes frame) {
  constexpr int kTags_max = 4;
  ByteReader reader{frame};
  PacketFields fields;
  copy_to(fields.to, reader.take(6));
  copy_to(fields.from, reader.take(6));
  fields.ethertype = reader.u16();
  if (!reader.ok()) return std::nullopt;
  const auto is_tag = [](std::uint16_t type) { return type == 0x8100 || type == 0x88a8; };
  for (int tag = 0; tag < kTags_max && is_tag(fields.ethertype); ++tag) {
    const auto vlan = static_cast<std::uint16_t>(reader.u16() & 0xfffU);
    const std::uint16_t ethertype = reader.u16();
    if (!reader.ok()) return fields;
    if (tag == 0) fields.vlan = vlan;
    fields.ethertype = ethertype;
  }
  if (fields.ethertype == 0x0800) read_ipv4(reader, fields);
  if (fields.ethertype == 0x86dd) read_ipv6(reader, fields);
  if (fields.ethertype == 0x0806) read_arp(reader, fields);
  return fields;
}

std::optional<ConversationKey> conversation_of(const PacketFields& fields) {
  if (fields.source.family == AddressFamily::none) return std::nullopt;
  const PortPair ports = fields.ports.value_or(PortPair{});
  ConversationKey key{fields.ethertype, fields.protocol.value_or(0),
                      {{{fields.source, ports.source}, {fields.destination, ports.destination}}}};
  std::sort(key.ends.begin(), key.ends.end());
  return key;
}

}  // namespace labreel
