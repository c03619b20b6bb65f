#include "replay/trace/sightings.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/text/hex.h"
#include "replay/final_outcomes.h"
#include "replay/ip_protocols.h"
#include "replay/projection/search.h"
#include "replay/summary/byte_reader.h"
#include "replay/summary/summary.h"
#include "replay/trace/packet_key.h"

namespace labreel {
namespace {

// Sorts a recording's frames by what they have to do with one packet.
class Collector {
 public:
  Collector(const FinalOutcomes& outcomes, Seq asked, const Frame& frame, const KeyedFrame& keyed, const RecordedPorts& recorded)
      : outcomes_(outcomes), asked_(asked), key_(keyed.key), is_fragment_(keyed.fields.fragment) {
    found_.owners = AddressOwners{recorded};
    found_.words = key_.words();
    found_.not_followed = key_.is_ip ? tunnel_name(keyed.fields) : std::string{};
    const Bytes payload = keyed.fields.payload;
    if (key_.is_ip && payload.size() >= kInside_min) inner_.assign(payload.begin(), payload.end());
    length_ = frame.length;
  }
  void take(const Event& event) {
    found_.names.follow(event);
    found_.owners.take(event, found_.names.topology());
    if (const auto* frame = std::get_if<Frame>(&event.body)) take_frame(event, *frame);
    if (const auto* stop = std::get_if<NodeStopped>(&event.body)) found_.stops.push_back({stop->node, event.time});
    const auto* gap = std::get_if<Gap>(&event.body);
    if (gap != nullptr && event.seq > asked_ && !found_.first_gap) found_.first_gap = *gap;
  }
  Sightings finish(const EventLog& log) {
    found_.end = outcomes_.end();
    found_.complete = log.complete();
    return std::move(found_);
  }

 private:
  static constexpr std::size_t kInside_min = 16;  // of fewer bytes one finds the like anywhere

  void take_frame(const Event& event, const Frame& frame) {
    const PortInfo* sender = found_.names.topology().find(frame.port);
    const auto fields = sender != nullptr ? packet_fields(frame.bytes) : std::nullopt;
    if (!fields) return;
    // Most frames are told by their headers: only of the others is a key made.
    const auto keyed = may_be_same(*fields) ? keyed_frame(frame) : std::nullopt;
    if (keyed && keyed->key.is_same(key_)) {
      take_sighting(event, frame, *sender, *keyed);
    } else if (key_.is_ip && found_.relatives.size() < kRelatives_max) {
      take_relative(event, frame, *sender, *fields);
    }
  }
  bool may_be_same(const PacketFields& fields) const {
    if (!key_.is_ip) return !fields.ttl && fields.to == key_.to && fields.from == key_.from;
    return fields.ttl && fields.protocol == key_.protocol && fields.identification == key_.identification &&
           fields.flow_label == key_.flow_label;
  }
  void take_sighting(const Event& event, const Frame& frame, const PortInfo& sender, const KeyedFrame& keyed) {
    // One place stays free for the frame that was asked for.
    const bool full = found_.all.size() + 1 >= kSightings_max;
    found_.too_many = found_.too_many || full;
    if (full && event.seq != asked_) return;
    const PacketFields& fields = keyed.fields;
    const bool is_ip = keyed.key.is_ip;
    Sighting seen{event.seq, event.time, frame.port, sender.added.node, fields.to, fields.from, fields.vlan, fields.source,
                  fields.destination, is_ip ? fields.ttl : std::nullopt, keyed.translated, {}};
    for (std::uint32_t i = 0; i < frame.copies.size(); ++i) {
      const Copy& copy = frame.copies[i];
      const Fate fate = outcomes_.of(event.seq, i, copy);
      const PortInfo* receiver = copy.port == kNoPort ? nullptr : found_.names.topology().find(copy.port);
      seen.copies.push_back({receiver == nullptr ? kNoPort : copy.port, receiver == nullptr ? NodeId{} : receiver->added.node,
                             copy.due, fate.reason, fate.in_flight, (copy.flags & kCorrupted) != 0});
    }
    found_.all.push_back(std::move(seen));
  }
  void take_relative(const Event& event, const Frame& frame, const PortInfo& sender, const PacketFields& fields) {
    Relative relative{Relative::Kind::fragment, event.seq, event.time, sender.added.node, fields.source, fields.destination, {}, {}};
    const bool same_id = fields.identification && fields.identification == key_.identification && fields.protocol == key_.protocol;
    if (same_id && (fields.fragment || is_fragment_)) {
      found_.relatives.push_back(relative);
    } else if (quotes(fields, relative)) {
      relative.kind = Relative::Kind::answer;
      relative.summary = summarise_frame(frame.bytes, frame.length);
      found_.relatives.push_back(relative);
    } else if (!inner_.empty() && frame.length > length_ && holds_inner(frame.bytes)) {
      relative.kind = Relative::Kind::inside_another;
      relative.summary = summarise_frame(frame.bytes, frame.length);
      found_.relatives.push_back(relative);
    }
  }
  bool holds_inner(Bytes bytes) const {
    return as_text(bytes).find(as_text(inner_)) != std::string_view::npos;
  }
  // An ICMP error that quotes the packet; fills in whose. Source: RFC 792, RFC 4443 section 3.
  bool quotes(const PacketFields& fields, Relative& relative) const {
    summary::ByteReader reader{fields.payload};
    const unsigned type = reader.u8();
    const bool is_error = fields.protocol == kIcmp ? type == 3 || type == 11 || type == 12
                                                   : fields.protocol == kIcmpv6 && type >= 1 && type <= 4;
    reader.skip(7);
    if (!is_error || !reader.ok()) return false;
    const unsigned ethertype = fields.protocol == kIcmp ? 0x0800 : 0x86dd;
    std::vector<std::byte> frame(14);
    frame[12] = static_cast<std::byte>(ethertype >> 8U);
    frame[13] = static_cast<std::byte>(ethertype & 0xffU);
    const Bytes quoted = reader.take(reader.left());
    frame.insert(frame.end(), quoted.begin(), quoted.end());
    // Its start is quoted: the rest counts as cut off.
    const auto inner = keyed_frame(Frame{kNoPort, frame, {}, static_cast<std::uint32_t>(frame.size()) + 1});
    if (!inner || !inner->key.is_ip || !inner->key.is_same(key_)) return false;
    relative.source = inner->fields.source;
    relative.destination = inner->fields.destination;
    relative.translated = inner->translated;
    return true;
  }

  const FinalOutcomes& outcomes_;
  Seq asked_;
  PacketKey key_;
  bool is_fragment_;
  std::vector<std::byte> inner_;
  std::uint32_t length_ = 0;
  Sightings found_;
};

}  // namespace

Result<Sightings> find_sightings(const EventLog& log, Seq asked, const RecordedPorts& recorded) {
  const auto event = log.event_at(asked);
  if (!event) return event.error();
  const auto* frame = std::get_if<Frame>(&event->body);
  const auto keyed = frame != nullptr ? keyed_frame(*frame) : std::nullopt;
  if (!keyed) {
    return Error{ErrorKind::usage,
                 fmt::format("event {} is no frame{}", asked.value, frame != nullptr ? " with a whole Ethernet header" : ""), {},
                 "--trace follows a frame: labreel events --kind frame lists what there is"};
  }
  // The reading below ends what `event` borrows.
  const auto outcomes = find_final_outcomes(log);
  if (!outcomes) return outcomes.error();
  const auto again = log.event_at(asked);
  if (!again) return again.error();
  const auto& body = std::get<Frame>(again->body);
  Collector collector{*outcomes, asked, body, *keyed_frame(body), recorded};
  Status read = read_events(log, kFirstSeq, log.last(), [&](const Event& each) {
    collector.take(each);
    return true;
  });
  if (!read) return std::move(read).error();
  return collector.finish(log);
}

}  // namespace labreel
