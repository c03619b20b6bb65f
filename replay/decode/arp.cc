// ARP. Source: RFC 826.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::array kOperations{Word{1, "request"}, Word{2, "reply"}, Word{3, "reverse request"}, Word{4, "reverse reply"}};
constexpr std::array kHardware{Word{1, "Ethernet"}};

}  // namespace

void arp(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "arp", "Address Resolution Protocol"};
  const std::uint64_t hardware = fields.dec(2, "arp.hw.type", "Hardware type", kHardware);
  const std::uint64_t protocol = fields.hex(2, "arp.proto.type", "Protocol type", kEthertypes);
  const std::uint64_t hardware_size = fields.dec(1, "arp.hw.size", "Hardware size");
  const std::uint64_t protocol_size = fields.dec(1, "arp.proto.size", "Protocol size");
  const std::uint64_t operation = fields.dec(2, "arp.opcode", "Opcode", kOperations);
  if (!fields.ok()) return;
  const std::string_view word = word_of(kOperations, operation);
  if (!word.empty()) fields.add_to_title(" (" + std::string(word) + ")");
  if (hardware == 1 && protocol == 0x0800 && hardware_size == 6 && protocol_size == 4) {
    fields.mac("arp.src.hw_mac", "Sender MAC address");
    fields.ipv4("arp.src.proto_ipv4", "Sender IP address");
    fields.mac("arp.dst.hw_mac", "Target MAC address");
    fields.ipv4("arp.dst.proto_ipv4", "Target IP address");
  } else {
    fields.bytes(hardware_size, "arp.src.hw", "Sender hardware address");
    fields.bytes(protocol_size, "arp.src.proto", "Sender protocol address");
    fields.bytes(hardware_size, "arp.dst.hw", "Target hardware address");
    fields.bytes(protocol_size, "arp.dst.proto", "Target protocol address");
  }
  if (fields.ok()) walk.end_of_packet(fields.rest().data());
}

}  // namespace labreel::decode
