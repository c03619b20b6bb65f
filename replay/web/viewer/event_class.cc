#include "replay/web/viewer/event_class.h"

#include "replay/packet_fields.h"

namespace labreel {
namespace {

constexpr std::uint16_t kFirstEthertype = 0x600;  // below it: IEEE 802.3's length, and IEEE 802.2 behind it
constexpr std::size_t kEthernet_bytes = 14;
constexpr unsigned kIsIsSap = 0xFE;

enum : std::uint16_t { kArp = 0x0806, kIpv4 = 0x0800, kIpv6 = 0x86DD, kLldp = 0x88CC };
enum : std::uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17, kIcmpv6 = 58, kEigrp = 88, kOspf = 89, kVrrp = 112 };
enum : std::uint16_t { kBgpPort = 179, kRipPort = 520, kRipngPort = 521, kBabelPort = 6696 };

// Router and neighbour solicitations and advertisements, and redirects.
bool is_neighbour_discovery(Bytes icmpv6) {
  constexpr unsigned kFirst = 133;
  constexpr unsigned kLast = 137;
  const unsigned type = icmpv6.empty() ? 0 : static_cast<unsigned>(icmpv6.front());
  return type >= kFirst && type <= kLast;
}

bool has_port(const PacketFields& fields, std::uint16_t port) {
  return fields.ports && (fields.ports->source == port || fields.ports->destination == port);
}

EventClass class_of_packet(const PacketFields& fields) {
  switch (fields.protocol.value_or(0)) {
    case kIcmp: return EventClass::icmp;
    case kIcmpv6: return is_neighbour_discovery(fields.payload) ? EventClass::arp : EventClass::icmp;
    case kTcp: return has_port(fields, kBgpPort) ? EventClass::routing : EventClass::tcp;
    case kUdp: {
      const bool is_routing = has_port(fields, kRipPort) || has_port(fields, kRipngPort) || has_port(fields, kBabelPort);
      return is_routing ? EventClass::routing : EventClass::udp;
    }
    case kEigrp:
    case kOspf:
    case kVrrp: return EventClass::routing;
    default: return EventClass::other;
  }
}

struct ClassOf {
  EventClass operator()(const Frame& frame) const { return class_of_frame(frame.bytes); }
  EventClass operator()(const Command&) const { return EventClass::command; }
  EventClass operator()(const CommandDone&) const { return EventClass::command; }
  EventClass operator()(const Exec&) const { return EventClass::output; }
  EventClass operator()(const ExecOutput&) const { return EventClass::output; }
  EventClass operator()(const ExecDone&) const { return EventClass::output; }
  EventClass operator()(const ExecInput&) const { return EventClass::output; }
  EventClass operator()(const Console&) const { return EventClass::output; }
  EventClass operator()(const Outcome&) const { return EventClass::effect; }
  template <class Body>
  EventClass operator()(const Body& body) const {
    return kind_of(EventBody{body}) <= EventKind::lan_left ? EventClass::effect : EventClass::note;
  }
};

}  // namespace

EventClass class_of_frame(Bytes frame) {
  const auto fields = packet_fields(frame);
  if (!fields) return EventClass::other;
  if (fields->ethertype == kArp) return EventClass::arp;
  if (fields->ethertype == kLldp) return EventClass::l2;
  if (fields->ethertype < kFirstEthertype) {
    const bool is_isis = frame.size() > kEthernet_bytes && static_cast<unsigned>(frame[kEthernet_bytes]) == kIsIsSap;
    return is_isis ? EventClass::routing : EventClass::l2;
  }
  const bool is_ip = fields->ethertype == kIpv4 || fields->ethertype == kIpv6;
  return is_ip ? class_of_packet(*fields) : EventClass::other;
}

EventClass class_of(const EventBody& body) { return std::visit(ClassOf{}, body); }

}  // namespace labreel
