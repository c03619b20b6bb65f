#include "replay/trace/packet_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "replay/ip_protocols.h"
#include "replay/summary/byte_reader.h"

namespace labreel {
namespace {

std::uint16_t take_u16(std::vector<std::byte>& payload, std::size_t at) {
  if (at + 2 > payload.size()) return 0;
  const auto value = static_cast<std::uint16_t>(std::to_integer<unsigned>(payload[at]) << 8U | std::to_integer<unsigned>(payload[at + 1]));
  payload[at] = payload[at + 1] = std::byte{0};
  return value;
}

bool is_echo(const PacketFields& fields) {
  if (fields.payload.empty()) return false;
  const auto type = std::to_integer<unsigned>(fields.payload[0]);
  return fields.protocol == kIcmp ? type == 0 || type == 8 : type == 128 || type == 129;
}

// Moves out of the payload what a translating device may change.
Translated take_translated(const PacketFields& fields, std::vector<std::byte>& payload) {
  Translated moved;
  if (fields.fragment_offset != 0) return moved;
  const auto take_checksum = [&](std::size_t at) {
    moved.has_checksum = payload.size() >= at + 2;
    moved.checksum = take_u16(payload, at);
  };
  if (fields.protocol == kTcp || fields.protocol == kUdp) {
    moved.source = take_u16(payload, 0);
    moved.destination = take_u16(payload, 2);
    take_checksum(fields.protocol == kTcp ? 16 : 6);
    moved.covers_addresses = true;
  } else if (fields.protocol == kIcmp || fields.protocol == kIcmpv6) {
    take_checksum(2);
    if (is_echo(fields)) moved.source = take_u16(payload, 4);
    moved.covers_addresses = fields.protocol == kIcmpv6;
  }
  return moved;
}

// All behind the VLAN tags' types.
Bytes behind_tags(Bytes frame) {
  constexpr int kTags_max = 4;
  summary::ByteReader reader{frame};
  reader.skip(12);
  std::uint16_t type = reader.u16();
  for (int tag = 0; tag < kTags_max && (type == 0x8100 || type == 0x88a8); ++tag) {
    reader.skip(2);
    type = reader.u16();
  }
  return reader.take(reader.left());
}

}  // namespace

bool PacketKey::is_same(const PacketKey& other) const {
  const auto headers = [](const PacketKey& key) {
    return std::tie(key.is_ip, key.to, key.from, key.ethertype, key.protocol, key.identification, key.flow_label,
                    key.fragment_offset);
  };
  const std::size_t common = std::min(payload.size(), other.payload.size());
  const bool any_cut = cut_short || other.cut_short;
  return headers(*this) == headers(other) && (any_cut || payload.size() == other.payload.size()) &&
         std::equal(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(common), other.payload.begin());
}

std::string PacketKey::words() const {
  const std::string what = fmt::format("same {}payload ({} bytes)", cut_short ? "start of the " : "", payload.size());
  if (!is_ip) return "same addresses, type and " + what;
  if (identification) return fmt::format("same IP id {} and {}", *identification, what);
  return fmt::format("same flow label {} and {}", flow_label, what);
}

std::optional<KeyedFrame> keyed_frame(const Frame& frame) {
  const auto fields = packet_fields(frame.bytes);
  if (!fields) return std::nullopt;
  KeyedFrame keyed;
  keyed.fields = *fields;
  PacketKey& key = keyed.key;
  key.ethertype = fields->ethertype;
  key.cut_short = frame.length > frame.bytes.size();
  key.is_ip = fields->ttl.has_value();
  const Bytes payload = key.is_ip ? fields->payload : behind_tags(frame.bytes);
  key.payload.assign(payload.begin(), payload.end());
  if (!key.is_ip) {
    key.to = fields->to;
    key.from = fields->from;
    return keyed;
  }
  key.protocol = fields->protocol;
  key.identification = fields->identification;
  key.flow_label = fields->flow_label;
  key.fragment_offset = fields->fragment_offset;
  keyed.translated = take_translated(*fields, key.payload);
  return keyed;
}

std::string tunnel_name(const PacketFields& fields) {
  constexpr std::uint16_t kVxlan = 4789;
  constexpr std::uint16_t kGeneve = 6081;
  switch (fields.protocol.value_or(0)) {
    case 4:
    case 41:
      return "IP in IP";
    case 47:
      return "GRE";
    case 50:
      return "ESP";
    case kUdp:
      if (fields.ports && fields.ports->destination == kVxlan) return "VXLAN";
      if (fields.ports && fields.ports->destination == kGeneve) return "GENEVE";
      return {};
    default:
      return {};
  }
}

}  // namespace labreel
