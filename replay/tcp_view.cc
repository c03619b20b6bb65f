#include "replay/tcp_view.h"

#include <algorithm>

#include "replay/ip_protocols.h"
#include "replay/summary/byte_reader.h"

namespace labreel {
namespace {

constexpr std::size_t kHops_max = 256;   // a TTL has no more
constexpr std::size_t kAlike_max = 16;   // packets with one identity that are remembered

template <class Value>
void append(std::string& key, const Value& value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_ends(std::string& key, const PacketFields& fields) {
  append(key, fields.source.bytes);
  append(key, fields.destination.bytes);
  append(key, fields.identification.value_or(0));
}

// What stays the same of a TCP packet from cable to cable. Its checksum speaks for the payload.
void identity_of(const PacketFields& fields, std::string& key) {
  constexpr std::size_t kPlainHeaderBytes = 20;
  constexpr std::size_t kNumbersBytes = 14;  // ports, both numbers, the header's length, flags
  constexpr unsigned kSyn = 2;
  key.clear();
  append_ends(key, fields);
  summary::ByteReader reader{fields.payload};
  reader.skip(kNumbersBytes - 2);
  const std::size_t header_bytes = std::max<std::size_t>((reader.u8() >> 4U) * std::size_t{4}, kPlainHeaderBytes);
  const bool is_syn = (reader.u8() & kSyn) != 0;
  const Bytes header = fields.payload.first(std::min(is_syn ? kNumbersBytes : header_bytes, fields.payload.size()));
  key.append(reinterpret_cast<const char*>(header.data()), header.size());
}

bool has(const std::vector<PortId>& ports, PortId port) { return std::ranges::find(ports, port) != ports.end(); }

}  // namespace

std::size_t TcpView::ConversationHash::operator()(const ConversationKey& key) const {
  std::string bytes;
  for (const ConversationKey::End& end : key.ends) {
    append(bytes, end.address.bytes);
    append(bytes, end.port);
  }
  return std::hash<std::string>{}(bytes);
}

void TcpView::look(const Event& event) {
  last_ = event.seq;
  until_ = event.time;
  const auto* const frame = std::get_if<Frame>(&event.body);
  if (frame == nullptr || survey_.topology.find(frame->port) == nullptr) return;
  const std::optional<PacketFields> fields = packet_fields(frame->bytes);
  if (!fields || fields->protocol != kTcp) return;
  std::shared_ptr<TcpJourney> journey = find(*frame, *fields);
  if (journey == nullptr) return;
  follow(event, *frame, *fields, *journey);
  sightings_.push_back({event.seq, std::move(journey)});
}

std::shared_ptr<const TcpJourney> TcpView::journey_of(Seq frame) {
  while (!sightings_.empty() && sightings_.front().frame < frame) sightings_.pop_front();
  if (sightings_.empty() || sightings_.front().frame != frame) return nullptr;
  std::shared_ptr<const TcpJourney> journey = std::move(sightings_.front().journey);
  sightings_.pop_front();
  return journey;
}

std::shared_ptr<TcpJourney> TcpView::find(const Frame& frame, const PacketFields& fields) {
  if (!fields.fragment) return fields.ports ? find_whole(frame, fields) : nullptr;
  std::string ends;
  append_ends(ends, fields);
  if (!fields.ports) return fragments_.of(ends);
  std::shared_ptr<TcpJourney> journey = find_whole(frame, fields);
  fragments_.of(ends) = journey;
  return journey;
}

// Of packets that look alike, each port sends the first one first; what the first port sends once more is one more.
std::shared_ptr<TcpJourney> TcpView::find_whole(const Frame& frame, const PacketFields& fields) {
  identity_of(fields, key_);
  Journeys& alike = journeys_.of(key_);
  std::shared_ptr<TcpJourney> found;
  for (const auto& journey : alike) {
    if (has(journey->sent_from, frame.port) || !journey->last.delivered()) continue;
    if (is_of_one_node(journey->last.to, frame.port)) return journey;
    if (found == nullptr) found = journey;
  }
  if (found != nullptr) return found;
  const bool comes_round = !alike.empty() && (alike.back()->sent_from.empty() || alike.back()->sent_from[0] != frame.port ||
                                              fields.ttl.value_or(0) < alike.back()->first_ttl);
  if (comes_round) return alike.back();
  const std::optional<ConversationKey> conversation = conversation_of(fields);
  if (!conversation) return nullptr;
  std::optional<PortId>& viewpoint = viewpoints_.of(*conversation);
  if (!viewpoint) viewpoint = frame.port;
  auto journey = std::make_shared<TcpJourney>();
  journey->viewpoint = *viewpoint;
  journey->first_ttl = fields.ttl.value_or(0);
  if (alike.size() == kAlike_max) alike.erase(alike.begin());
  alike.push_back(journey);
  return journey;
}

bool TcpView::is_of_one_node(PortId a, PortId b) const {
  const PortInfo* const first = survey_.topology.find(a);
  const PortInfo* const second = survey_.topology.find(b);
  return first != nullptr && second != nullptr && first->added.node == second->added.node;
}

void TcpView::follow(const Event& event, const Frame& frame, const PacketFields& fields, TcpJourney& journey) const {
  if (!has(journey.sent_from, frame.port) && journey.sent_from.size() < kHops_max) journey.sent_from.push_back(frame.port);
  journey.crossed = journey.crossed || frame.port == journey.viewpoint;
  for (std::uint32_t number = 0; number < frame.copies.size(); ++number) {
    const Copy& copy = frame.copies[number];
    journey.crossed = journey.crossed || (copy.port == journey.viewpoint &&
                                          survey_.outcomes.of(event.seq, number, copy).reason == Reason::none);
  }
  journey.last = stop_of(event, frame, fields.to);
  journey.last.hop = static_cast<std::uint32_t>(journey.sent_from.size());
}

// Of many copies the one that counts: to the port that the frame is for, else one that arrived.
TcpStop TcpView::stop_of(const Event& event, const Frame& frame, const MacAddress& to) const {
  TcpStop best{.frame = event.seq, .from = frame.port, .at = event.time};
  int best_rank = -1;
  for (std::uint32_t number = 0; number < frame.copies.size(); ++number) {
    const Copy& copy = frame.copies[number];
    const Fate fate = survey_.outcomes.of(event.seq, number, copy);
    const PortInfo* const port = survey_.topology.find(copy.port);
    const bool is_for_it = port != nullptr && port->added.mac == to;
    const bool arrived = fate.delivered() && port != nullptr;
    const int rank = (is_for_it ? 2 : 0) + (arrived ? 1 : 0);
    if (rank <= best_rank) continue;
    best_rank = rank;
    best.to = copy.port;
    best.reason = fate.reason;
    best.in_flight = fate.in_flight;
    best.at = copy.due;
  }
  if (best_rank < 0) best.reason = Reason::no_receiver;
  return best;
}

}  // namespace labreel
