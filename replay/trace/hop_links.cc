#include "replay/trace/hop_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/core/units.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::size_t kNamed_max = 4;

bool is_group(const MacAddress& address) { return (address[0] & 1U) != 0; }
bool is_group(const IpAddress& address) {
  if (address.family == AddressFamily::ipv6) return address.bytes[0] == 0xff;
  return address.family == AddressFamily::ipv4 && (address.bytes[0] >> 4U == 0xe || address.bytes[0] == 0xff);
}

bool same_addresses(const Sighting& a, const Sighting& b) { return a.source == b.source && a.destination == b.destination; }

// What was changed on the way from one to the other, whichever came first.
Relation change_between(const Sighting& earlier, const Sighting& later) {
  if (later.ttl.has_value() != earlier.ttl.has_value()) return Relation::none;
  const bool same_packet = same_addresses(earlier, later) && later.translated == earlier.translated;
  const bool same_hosts = later.to == earlier.to && later.from == earlier.from;
  if (later.ttl == earlier.ttl) return same_packet && same_hosts ? Relation::bridged : Relation::none;
  if (*later.ttl + 1 != *earlier.ttl) return Relation::none;
  if (same_packet) return Relation::routed;
  const bool same_ports = later.translated.source == earlier.translated.source &&
                          later.translated.destination == earlier.translated.destination;
  return same_addresses(earlier, later) && same_ports ? Relation::none : Relation::translated;
}

Relation relation_of(const Sighting& earlier, const Sighting& later) {
  return later.seq <= earlier.seq ? Relation::none : change_between(earlier, later);
}

// Nothing tells one from the other but when it was sent.
bool is_alike(const Sighting& a, const Sighting& b) {
  return a.port == b.port && a.ttl == b.ttl && a.to == b.to && a.from == b.from && a.vlan == b.vlan && same_addresses(a, b) &&
         a.translated == b.translated;
}

std::uint32_t sum_of(const IpAddress& address) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < address.bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(address.bytes[i]) << 8U | address.bytes[i + 1];
  }
  return sum;
}

// A checksum and what it covers of the parts that may have changed: a constant, if it moved with them. Source: RFC 1624.
std::uint32_t invariant(const Sighting& seen) {
  std::uint32_t sum = std::uint32_t{seen.translated.source} + seen.translated.destination + seen.translated.checksum;
  if (seen.translated.covers_addresses) sum += sum_of(seen.source) + sum_of(seen.destination);
  return sum % 0xffffU;
}
bool checksum_moved(const Sighting& earlier, const Sighting& later) {
  if (!earlier.translated.has_checksum || !later.translated.has_checksum) return false;
  return invariant(earlier) == invariant(later) || (earlier.translated.checksum == 0 && later.translated.checksum == 0);
}

std::string named(const std::set<Seq>& events) {
  std::string text;
  std::size_t count = 0;
  for (const Seq event : events) {
    if (count++ == kNamed_max) break;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", event.value);
  }
  return events.size() > kNamed_max ? fmt::format("{} and {} more", text, events.size() - kNamed_max) : text;
}

void add_reason(std::string& reasons, const std::string& reason) {
  if (!reason.empty()) reasons += (reasons.empty() ? "" : "; ") + reason;
}

// "10.0.0.2:4000", as far as there are ports.
std::string end_text(const IpAddress& address, std::uint16_t port, bool with_port) {
  return with_port ? fmt::format("{}:{}", address_text(address), port) : address_text(address);
}

std::string translation_text(const Sighting& earlier, const Sighting& later) {
  std::string text;
  const bool is_echo = !earlier.translated.covers_addresses || earlier.translated.destination == 0;
  const bool source_port = !is_echo && earlier.translated.source != later.translated.source;
  const bool destination_port = !is_echo && earlier.translated.destination != later.translated.destination;
  if (earlier.source != later.source || source_port) {
    text += fmt::format(", source {} -> {}", end_text(earlier.source, earlier.translated.source, source_port),
                        end_text(later.source, later.translated.source, source_port));
  }
  if (earlier.destination != later.destination || destination_port) {
    text += fmt::format(", destination {} -> {}", end_text(earlier.destination, earlier.translated.destination, destination_port),
                        end_text(later.destination, later.translated.destination, destination_port));
  }
  if (is_echo && earlier.translated.source != later.translated.source) {
    text += fmt::format(", echo id {} -> {}", earlier.translated.source, later.translated.source);
  }
  return text + ": NAT";
}

std::string tag_text(const std::optional<std::uint16_t>& vlan) { return vlan ? fmt::format("tag {}", *vlan) : "no tag"; }

}  // namespace

HopLinks::HopLinks(const Sightings& found) : found_(found) {
  for (const Sighting& seen : found.all) {
    sent_[index_of(seen.node)].push_back(&seen);
    for (const CopyFate& copy : seen.copies) {
      if (copy.delivered()) arrivals_[index_of(copy.node)].push_back({&seen, copy.port, copy.at});
    }
  }
  for (auto& [node, arrivals] : arrivals_) {
    std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  }
}

const HopLinks::Arrivals& HopLinks::arrivals_at(NodeId node) const {
  static const Arrivals kNone;
  const auto found = arrivals_.find(index_of(node));
  return found == arrivals_.end() ? kNone : found->second;
}

const HopLinks::Sent& HopLinks::sent_by(NodeId node) const {
  static const Sent kNone;
  const auto found = sent_.find(index_of(node));
  return found == sent_.end() ? kNone : found->second;
}

std::vector<HopLink> HopLinks::before(const Sighting& later) const {
  std::vector<HopLink> links;
  std::set<const Sighting*> known;  // a frame may have come twice
  const Arrivals& arrivals = arrivals_at(later.node);
  for (auto arrival = arrivals.rbegin(); arrival != arrivals.rend() && links.size() <= kNamed_max; ++arrival) {
    const bool fits = arrival->at <= later.at && relation_of(*arrival->frame, later) != Relation::none;
    if (!fits || !known.insert(arrival->frame).second) continue;
    links.push_back(link(*arrival, later));
    if (links.back().certain()) return {links.back()};
  }
  return links;
}

std::vector<HopLink> HopLinks::after(const Sighting& earlier, NodeId node) const {
  constexpr std::size_t kLookedAt_max = 32;
  std::vector<HopLink> links;
  const Arrivals& arrivals = arrivals_at(node);
  const auto arrival = std::find_if(arrivals.begin(), arrivals.end(), [&](const Arrival& a) { return a.frame == &earlier; });
  if (arrival == arrivals.end()) return links;
  std::size_t looked_at = 0;
  bool exact = false;
  for (const Sighting* later : sent_by(node)) {
    if (later->at < arrival->at || relation_of(earlier, *later) == Relation::none) continue;
    if (++looked_at > kLookedAt_max) break;
    HopLink found = link(*arrival, *later);
    const auto others = found.certain() || found.relation == Relation::translated ? std::vector<HopLink>{} : before(*later);
    if (!others.empty() && others.front().certain()) continue;  // it is another one's
    exact = exact || (found.certain() && found.relation != Relation::translated);
    links.push_back(std::move(found));
  }
  if (exact) std::erase_if(links, [](const HopLink& found) { return !found.certain() && found.relation == Relation::translated; });
  return links;
}

HopLink HopLinks::link(const Arrival& arrival, const Sighting& later) const {
  const Relation relation = relation_of(*arrival.frame, later);
  return {arrival.frame, &later, relation, reservation(arrival, later, relation)};
}

std::string HopLinks::reservation(const Arrival& arrival, const Sighting& later, Relation relation) const {
  const Sighting& earlier = *arrival.frame;
  std::string reasons = others_fit(arrival, later, relation);
  if (relation == Relation::bridged && arrival.port == later.port) add_reason(reasons, "it left by the port it came in by");
  const PortInfo* port = found_.names.topology().find(arrival.port);
  if (relation != Relation::bridged && !is_group(earlier.to) && port != nullptr && earlier.to != port->added.mac) {
    add_reason(reasons, fmt::format("it was addressed to {}, which is not {}", format_mac(earlier.to),
                                    printable(found_.names(arrival.port))));
  }
  if (relation == Relation::translated && is_group(earlier.to)) add_reason(reasons, "it was addressed to a group");
  if (relation == Relation::translated && !checksum_moved(earlier, later)) {
    add_reason(reasons, earlier.translated.has_checksum ? "the checksum did not move with the addresses"
                                                        : "no checksum tells whether the addresses were changed");
  }
  return reasons;
}

// What else the earlier frame may have become, and what else may have become the later one.
std::string HopLinks::others_fit(const Arrival& arrival, const Sighting& later, Relation relation) const {
  const Sighting& earlier = *arrival.frame;
  const bool translated = relation == Relation::translated;
  std::set<Seq> better;
  std::set<Seq> before;
  std::size_t times = 0;
  for (const Arrival& other : arrivals_at(later.node)) {
    if (other.at > later.at) break;
    if (other.frame == &earlier) ++times;
    const Relation also = relation_of(*other.frame, later);
    if (other.frame == &earlier || also == Relation::none || (also == Relation::translated && !translated)) continue;
    (also != relation && translated ? better : before).insert(other.frame->seq);
  }
  const bool to_many = is_group(earlier.to) || is_group(earlier.destination);
  std::set<Seq> after;
  std::size_t elsewhere = 0;  // where only one can have gone
  for (const Sighting* other : sent_by(later.node)) {
    const Relation also = relation_of(earlier, *other);
    const bool too_early = other->at < arrival.at;
    if (other == &later || also == Relation::none || (also == Relation::translated && !translated)) continue;
    if (too_early ? !translated || !is_alike(*other, later) : false) continue;
    (also != relation && translated ? better : after).insert(other->seq);
    if (also == Relation::routed && !to_many && !is_alike(*other, later)) ++elsewhere;
  }
  std::string reasons;
  if (!better.empty()) add_reason(reasons, fmt::format("event {} fits better", named(better)));
  const bool by_turns = !translated && (relation == Relation::bridged || elsewhere < times) && in_turn(earlier, later);
  if (by_turns) return reasons;
  if (!before.empty()) add_reason(reasons, fmt::format("event {} may have become it as well", named(before)));
  if (!after.empty() && after.size() + 1 > times) add_reason(reasons, fmt::format("event {} fits as well", named(after)));
  if (reasons.empty() && !translated) reasons = "frames like it came and left out of turn";
  return reasons;
}

// Says whether the frames like these came to the node and left by this port by turns: each left before the next one came.
bool HopLinks::in_turn(const Sighting& earlier, const Sighting& later) const {
  const Arrivals& arrivals = arrivals_at(later.node);
  auto arrival = arrivals.begin();
  const Sighting* turn = nullptr;
  std::size_t came = 0;
  std::size_t left = 0;
  bool found = false;
  // False when a turn ends in which nothing was sent, or more than had come.
  const auto let_come = [&](LabTime until) {
    for (; arrival != arrivals.end() && arrival->at <= until; ++arrival) {
      const Relation relation = change_between(*arrival->frame, later);
      if (relation != Relation::bridged && relation != Relation::routed) continue;
      if (arrival->frame != turn) {
        if (turn != nullptr && (left == 0 || left > came)) return false;
        turn = arrival->frame;
        if (found) return true;
        came = left = 0;
      }
      ++came;
    }
    return true;
  };
  for (const Sighting* sent : sent_by(later.node)) {
    if (!is_alike(*sent, later)) continue;
    if (!let_come(sent->at) || turn == nullptr) return false;
    if (found && turn != &earlier) return true;
    ++left;
    if (sent != &later) continue;
    if (turn != &earlier) return false;
    found = true;
  }
  return found && left <= came;
}

std::string ground_text(const Sightings& found, const HopLink& link) {
  const Sighting& earlier = *link.earlier;
  const Sighting& later = *link.later;
  std::string ground;
  if (link.relation == Relation::bridged) {
    ground = found.words + (later.ttl ? ", same TTL and MAC addresses" : "");
    if (earlier.vlan != later.vlan) ground += fmt::format(", {} -> {}", tag_text(earlier.vlan), tag_text(later.vlan));
  } else {
    ground = fmt::format("{}, TTL {} to {}", found.words, *earlier.ttl, *later.ttl);
    if (link.relation == Relation::translated) ground += translation_text(earlier, later);
  }
  return fmt::format("{}; {} received {} and sent {}", ground, printable(found.names(later.node)), earlier.seq.value,
                     later.seq.value);
}

}  // namespace labreel
