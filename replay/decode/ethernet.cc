// Ethernet II and IEEE 802.3, VLAN tags, LLC. Source: IEEE 802.3, 802.1Q and 802.2.
#include <algorithm>
#include <array>

#include "replay/address_text.h"
#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint16_t kEthertype_min = 0x600;  // smaller ones are lengths

constexpr std::array kPriorities{Word{0, "Best Effort"}, Word{1, "Background"}, Word{2, "Excellent Effort"}, Word{3, "Critical Applications"},
                                 Word{4, "Video"}, Word{5, "Voice"}, Word{6, "Internetwork Control"}, Word{7, "Network Control"}};
constexpr std::array kSaps{Word{0x42, "Spanning Tree BPDU"}, Word{0xaa, "SNAP"}, Word{0xe0, "NetWare"}, Word{0xfe, "ISO Network Layer"}};

void address(Fields& fields, std::string_view name, std::string_view label, std::string_view local, std::string_view group) {
  const Bytes mac = fields.rest();
  fields.mac(name, label);
  if (mac.size() < 6) return;
  const auto parts = fields.parts();
  const auto first = std::to_integer<unsigned>(mac[0]);
  fields.note(local, "LG bit", (first & 2U) != 0 ? "1 (locally administered)" : "0 (globally unique)", mac.first(3));
  fields.note(group, "IG bit", (first & 1U) != 0 ? "1 (group)" : "0 (individual)", mac.first(3));
}

void tag(Walk& walk, Bytes bytes, std::string_view title) {
  Fields fields{walk, bytes, "vlan", title};
  const std::uint64_t control = fields.read(2);
  fields.part(0xe000, "vlan.priority", "Priority", kPriorities);
  fields.part(0x1000, "vlan.dei", "DEI");
  fields.part(0x0fff, "vlan.id", "ID");
  if (fields.ok()) fields.add_to_title(", ID: " + std::to_string(control & 0xfffU));
  const auto ethertype = static_cast<std::uint16_t>(fields.peek(0, 2));
  if (ethertype >= kEthertype_min) {
    fields.hex(2, "vlan.etype", "Type", kEthertypes);
    by_ethertype(walk, ethertype, fields.rest());
  } else {
    const std::uint64_t length = fields.dec(2, "vlan.len", "Length");
    if (fields.ok() && !walk.is_full()) llc(walk, fields.rest().first(std::min<std::size_t>(length, fields.left())));
  }
}

}  // namespace

void ethernet(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "eth", "Ethernet II"};
  const std::string from = bytes.size() >= 12 ? hardware_address(bytes.subspan(6, 6)) : "";
  const std::string to = bytes.size() >= 6 ? hardware_address(bytes.first(6)) : "";
  address(fields, "eth.dst", "Destination", "eth.dst.lg", "eth.dst.ig");
  address(fields, "eth.src", "Source", "eth.src.lg", "eth.src.ig");
  const auto ethertype = static_cast<std::uint16_t>(fields.peek(0, 2));
  const bool is_length = fields.left() >= 2 && ethertype < kEthertype_min;
  if (is_length) fields.title("IEEE 802.3 Ethernet");
  if (!from.empty()) fields.add_to_title(", Src: " + from + ", Dst: " + to);
  if (is_length) {
    fields.dec(2, "eth.len", "Length");
    const Bytes inner = fields.rest().first(std::min<std::size_t>(ethertype, fields.left()));
    walk.end_of_packet(inner.data() + inner.size());
    if (!inner.empty()) llc(walk, inner);
    if (inner.size() < ethertype) fields.add_to_title(" [truncated]");
  } else {
    fields.hex(2, "eth.type", "Type", kEthertypes);
    by_ethertype(walk, ethertype, fields.rest());
  }
}

void vlan(Walk& walk, Bytes bytes) { tag(walk, bytes, "802.1Q Virtual LAN"); }
void service_vlan(Walk& walk, Bytes bytes) { tag(walk, bytes, "IEEE 802.1ad"); }

void llc(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "llc", "Logical-Link Control"};
  const std::uint64_t destination = fields.hex(1, "llc.dsap", "DSAP", kSaps);
  fields.hex(1, "llc.ssap", "SSAP", kSaps);
  const bool is_unnumbered = (fields.peek(0, 1) & 3U) == 3U;
  const Bytes control = fields.skip(is_unnumbered ? 1 : 2);
  if (!fields.ok()) return;
  const std::uint64_t value = is_unnumbered ? std::to_integer<std::uint64_t>(control[0]) : 0;
  if (is_unnumbered) fields.note("llc.control", "Control field", hex_number(value, 4), control);
  if (destination == 0xaa && is_unnumbered) {
    fields.hex(3, "llc.oui", "Organization Code");
    const auto type = static_cast<std::uint16_t>(fields.hex(2, "llc.type", "Type", kEthertypes));
    if (fields.ok()) by_ethertype(walk, type, fields.rest());
    return;
  }
  by_sap(walk, static_cast<std::uint8_t>(destination), fields.rest());
}

}  // namespace labreel::decode
