#include "replay/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "replay/final_outcomes.h"
#include "replay/names.h"
#include "replay/packet_fields.h"
#include "replay/projection/search.h"
#include "replay/text.h"

namespace labreel {
namespace {

// A frame that carries the packet.
struct Sighting {
  Seq seq;
  NodeId sender;
  std::string sender_name;
  std::uint8_t ttl = 0;
  MacAddress to{};
  MacAddress from{};
  struct Arrival {
    NodeId node;
    LabTime at;
  };
  std::vector<Arrival> arrivals;
  LabTime at;
};

// What routers leave as it is.
struct PacketIdentity {
  IpAddress source;
  IpAddress destination;
  std::optional<std::uint8_t> protocol;
  std::optional<std::uint32_t> identification;
  std::uint32_t flow_label = 0;
  std::uint16_t fragment_offset = 0;
  std::vector<std::byte> payload;
  bool cut_short = false;  // by --lossy: the payload goes on

  // Where one was cut short, the start of the payload must do.
  bool is_same(const PacketIdentity& other) const {
    const auto headers = [](const PacketIdentity& packet) {
      return std::tie(packet.source, packet.destination, packet.protocol, packet.identification, packet.flow_label,
                      packet.fragment_offset);
    };
    const std::size_t common = std::min(payload.size(), other.payload.size());
    const bool any_cut = cut_short || other.cut_short;
    return headers(*this) == headers(other) && (any_cut || payload.size() == other.payload.size()) &&
           std::equal(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(common), other.payload.begin());
  }
  std::string words() const {
    const std::string id = identification ? fmt::format("IP identification 0x{:04x}", *identification)
                                          : fmt::format("flow label 0x{:05x}", flow_label);
    return fmt::format("same {} and {}payload of {} bytes", id, cut_short ? "start of the " : "", payload.size());
  }
};

std::optional<PacketIdentity> identity_of(const Frame& frame, const PacketFields& fields) {
  if (!fields.ttl) return std::nullopt;
  return PacketIdentity{fields.source,     fields.destination,     fields.protocol,
                        fields.identification, fields.flow_label, fields.fragment_offset,
                        {fields.payload.begin(), fields.payload.end()}, frame.length > frame.bytes.size()};
}

// Every frame that carries the packet, with where it arrived.
Result<std::vector<Sighting>> sightings_of(const EventLog& log, const PacketIdentity& packet) {
  const auto outcomes = find_final_outcomes(log);
  if (!outcomes) return outcomes.error();
  std::vector<Sighting> sightings;
  Names names;
  Status read = read_events(log, kFirstSeq, log.last(), [&](const Event& event) {
    names.follow(event);
    const auto* frame = std::get_if<Frame>(&event.body);
    const auto fields = frame != nullptr ? packet_fields(frame->bytes) : std::nullopt;
    if (!fields || fields->destination != packet.destination) return true;
    const auto identity = identity_of(*frame, *fields);
    if (!identity || !identity->is_same(packet)) return true;
    const PortInfo* sender = names.topology().find(frame->port);
    if (sender == nullptr) return true;
    Sighting seen{event.seq, sender->added.node, names(sender->added.node), *fields->ttl, fields->to, fields->from, {}, event.time};
    for (std::uint32_t i = 0; i < frame->copies.size(); ++i) {
      const Copy& copy = frame->copies[i];
      const PortInfo* receiver = copy.port == kNoPort ? nullptr : names.topology().find(copy.port);
      if (receiver == nullptr || !outcomes->of(event.seq, i, copy).delivered()) continue;
      seen.arrivals.push_back({receiver->added.node, copy.due});
    }
    sightings.push_back(std::move(seen));
    return true;
  });
  if (!read) return std::move(read).error();
  return sightings;
}

bool continues(const Sighting& later, const Sighting& earlier) {
  const bool routed = later.ttl + 1 == earlier.ttl;
  const bool bridged = later.ttl == earlier.ttl && later.to == earlier.to && later.from == earlier.from;
  return later.seq > earlier.seq && (routed || bridged) &&
         std::any_of(earlier.arrivals.begin(), earlier.arrivals.end(), [&](const Sighting::Arrival& arrival) {
           return arrival.node == later.sender && arrival.at <= later.at;
         });
}

class Tracer {
 public:
  Tracer(const std::vector<Sighting>& sightings, std::string words) : sightings_(sightings), words_(std::move(words)) {}

  std::vector<TraceHop> trace(const Sighting& start) {
    hops_.emplace(start.seq, TraceHop{start.seq, {}, "the frame that was asked for", false});
    follow(start, true);
    follow(start, false);
    std::vector<TraceHop> hops;
    for (const auto& [seq, hop] : hops_) hops.push_back(hop);
    return hops;
  }

 private:
  void follow(const Sighting& start, bool forwards) {
    std::vector<const Sighting*> pending{&start};  // no recursion: a hostile recording could make it deep
    while (!pending.empty()) {
      const Sighting& here = *pending.back();
      pending.pop_back();
      follow_once(here, forwards, pending);
    }
  }
  // Forwards one frame may go on at several nodes, each at most once; backwards it came from one frame.
  void follow_once(const Sighting& here, bool forwards, std::vector<const Sighting*>& pending) {
    std::map<NodeId, std::vector<const Sighting*>> next;
    for (const Sighting& other : sightings_) {
      if (forwards ? continues(other, here) : continues(here, other)) {
        next[forwards ? other.sender : here.sender].push_back(&other);
      }
    }
    for (const auto& [node, fitting] : next) {
      for (const Sighting* hop : fitting) {
        const bool is_new = add(*hop, here, forwards, fitting.size());
        if (is_new && fitting.size() == 1) pending.push_back(hop);
      }
    }
  }
  // False if another way led there before.
  bool add(const Sighting& hop, const Sighting& here, bool forwards, std::size_t fitting) {
    const Sighting& earlier = forwards ? here : hop;
    const Sighting& later = forwards ? hop : here;
    const std::string change = later.ttl == earlier.ttl ? "same TTL and MAC addresses"
                                                        : fmt::format("TTL {} to {}", earlier.ttl, later.ttl);
    std::string ground = fmt::format("{}, {}; {} received {} and sent {}", words_, change, printable(later.sender_name),
                                     earlier.seq.value, later.seq.value);
    if (fitting > 1) ground = fmt::format("ambiguous, {} frames fit: {}", fitting, ground);
    return hops_.emplace(hop.seq, TraceHop{hop.seq, here.seq, std::move(ground), fitting > 1}).second;
  }

  const std::vector<Sighting>& sightings_;
  std::string words_;
  std::map<Seq, TraceHop> hops_;
};

}  // namespace

Result<std::vector<TraceHop>> trace_packet(const EventLog& log, Seq frame) {
  const auto event = log.event_at(frame);
  if (!event) return event.error();
  const auto* body = std::get_if<Frame>(&event->body);
  const auto fields = body != nullptr ? packet_fields(body->bytes) : std::nullopt;
  const auto packet = fields ? identity_of(*body, *fields) : std::nullopt;
  if (!packet) {
    return Error{ErrorKind::usage, fmt::format("event {} is no frame with an IP packet", frame.value), {},
                 "--trace follows what routers send on: labreel events --filter ip lists what there is"};
  }
  const auto sightings = sightings_of(log, *packet);
  if (!sightings) return sightings.error();
  const auto start = std::find_if(sightings->begin(), sightings->end(), [&](const Sighting& s) { return s.seq == frame; });
  if (start == sightings->end()) {
    return Error{ErrorKind::input, "the frame's port was never added", fmt::format("event {}", frame.value), {}};
  }
  return Tracer{*sightings, packet->words()}.trace(*start);
}

}  // namespace labreel
