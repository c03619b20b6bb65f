#include "replay/trace/address_owners.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "replay/ip_protocols.h"
#include "replay/summary/byte_reader.h"

namespace labreel {
namespace {

constexpr std::uint8_t kNeighbourAdvertisement = 136;

// Reads "10.0.0.1/24" or "fd00::1".
std::optional<IpAddress> address_from(std::string text) {
  text.resize(std::min(text.find('/'), text.size()));
  IpAddress address;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
    address.family = AddressFamily::ipv4;
  } else if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
    address.family = AddressFamily::ipv6;
  } else {
    return std::nullopt;
  }
  return address;
}

bool is_unspecified(const IpAddress& address) {
  return std::all_of(address.bytes.begin(), address.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// The address that a neighbour advertisement speaks of. Source: RFC 4861 section 4.4.
std::optional<IpAddress> advertised(const PacketFields& fields) {
  if (fields.protocol != kIcmpv6 || fields.source.family != AddressFamily::ipv6) return std::nullopt;
  summary::ByteReader reader{fields.payload};
  const bool is_one = reader.u8() == kNeighbourAdvertisement;
  reader.skip(7);
  const Bytes target = reader.take(16);
  if (!is_one || !reader.ok()) return std::nullopt;
  IpAddress address{AddressFamily::ipv6, {}};
  std::transform(target.begin(), target.end(), address.bytes.begin(), [](std::byte b) { return static_cast<std::uint8_t>(b); });
  return address;
}

}  // namespace

AddressOwners::AddressOwners(const RecordedPorts& recorded) {
  for (const auto& [name, port] : recorded) {
    for (const std::string& text : port.addresses) {
      if (const auto address = address_from(text)) given_.emplace(*address, name.substr(0, name.find(':')));
    }
  }
}

void AddressOwners::take(const Event& event, const Topology& topology) {
  const auto* frame = std::get_if<Frame>(&event.body);
  const PortInfo* sender = frame != nullptr ? topology.find(frame->port) : nullptr;
  if (sender != nullptr) take_frame(event.seq, *frame, *sender);
}

void AddressOwners::take_frame(Seq seq, const Frame& frame, const PortInfo& sender) {
  const auto fields = packet_fields(frame.bytes);
  if (!fields || fields->from != sender.added.mac) return;  // what a bridge sends on says nothing of the bridge
  const NodeId node = sender.added.node;
  if (const auto target = advertised(*fields)) claim(*target, {node, "it said so", seq});
  if (fields->source.family == AddressFamily::none || is_unspecified(fields->source)) return;
  if (fields->arp_operation) return claim(fields->source, {node, "it said so by ARP", seq});
  if (first_senders_.size() < kAddresses_max) {
    first_senders_.emplace(fields->source, Claim{node, "it was the first to send from it,", seq});
  }
}

void AddressOwners::claim(const IpAddress& address, const Claim& claim) {
  if (claims_.size() >= kAddresses_max && !claims_.contains(address)) return;
  std::vector<Claim>& claims = claims_[address];
  const auto same = [&](const Claim& known) { return known.node == claim.node; };
  constexpr std::size_t kNodes_max = 16;  // with the same address: a mistake, or an anycast
  if (claims.size() < kNodes_max && std::none_of(claims.begin(), claims.end(), same)) claims.push_back(claim);
}

std::string AddressOwners::words(const Claim& claim) { return fmt::format("{} in event {}", claim.how, claim.seq.value); }

std::optional<std::string> AddressOwners::ground(NodeId node, const IpAddress& address, const Topology& topology) const {
  if (address.family == AddressFamily::none || is_unspecified(address)) return std::nullopt;
  const auto given = given_.find(address);
  if (given != given_.end() && given->second == topology.name_of(node)) return "the lab file gives it that address";
  if (const auto found = claims_.find(address); found != claims_.end()) {
    for (const Claim& known : found->second) {
      if (known.node == node) return words(known);
    }
    return std::nullopt;
  }
  const auto first = first_senders_.find(address);
  if (given == given_.end() && first != first_senders_.end() && first->second.node == node) return words(first->second);
  return std::nullopt;
}

}  // namespace labreel
