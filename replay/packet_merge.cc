#include "replay/packet_merge.h"

#include <algorithm>
#include <tuple>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "replay/copy_comments.h"
#include "replay/packet_fields.h"

namespace labreel {
namespace {

constexpr std::size_t kComments_max = 256;  // of one packet: Wireshark refuses a block of 16 MiB

Error broken_at(Seq seq, std::string what) {
  return Error{.kind = ErrorKind::input,
               .what = std::move(what),
               .place = "event " + std::to_string(seq.value),
               .hint = "run `labreel check` on the reel"};
}

}  // namespace

Status PacketMerge::begin() {
  Capture capture{.program = options_.program,
                  .comments = {},
                  .filter = options_.filter,
                  .addresses = options_.addresses,
                  .interfaces = {},
                  .with_events = static_cast<bool>(options_.event_json)};
  if (!options_.lab.empty()) capture.comments.push_back("lab: " + options_.lab);
  for (const std::string& comment : options_.comments) capture.comments.push_back(comment);
  capture.comments.push_back("seed: " + std::to_string(options_.seed));
  if (!options_.digest.empty()) capture.comments.push_back("digest: " + options_.digest);
  if (tcp_) {
    capture.comments.push_back(
        std::string{kTcpComment} +
        "each packet once, at the port where its pair of addresses and ports was first seen (a pair that NAT made has "
        "its own), or where it was lost before it came there; labreel export --all-ports shows it at every port");
  }

  names_.clear();
  for (const PortInfo& port : survey_.topology.ports()) {
    names_.push_back(survey_.topology.name_of(port.added.port));
    std::optional<std::uint32_t>& interface = interface_by_port_.emplace_back();
    if (options_.port && *options_.port != names_.back()) continue;
    interface = static_cast<std::uint32_t>(capture.interfaces.size());
    const NodeInfo* node = survey_.topology.find(port.added.node);
    LABREEL_CHECK(node != nullptr);
    capture.interfaces.push_back(
        {.name = names_.back(),
         .description = "port " + port.added.name + " of the " + std::string(node->added.node_kind.text()) + " node " + node->added.name,
         .mac = port.added.mac});
  }
  if (options_.port && capture.interfaces.empty()) {
    return Error{.kind = ErrorKind::usage,
                 .what = "there is no port " + *options_.port + did_you_mean(*options_.port, names_),
                 .hint = "`labreel info` lists the nodes and their ports"};
  }
  return writer_.begin(capture);
}

Status PacketMerge::take(const Event& event) {
  if (event.seq <= last_seq_) return broken_at(event.seq, "it comes after event " + std::to_string(last_seq_.value));
  if (event.time < last_time_) return broken_at(event.seq, "lab time goes back");
  last_seq_ = event.seq;
  last_time_ = event.time;
  if (Status delivered = deliver(event.time); !delivered) return delivered;

  const bool wanted = options_.from <= event.seq;
  std::shared_ptr<const TcpJourney> journey = tcp_ ? tcp_->journey_of(event.seq) : nullptr;
  if (const auto* frame = std::get_if<Frame>(&event.body)) {
    const bool passes = wanted && (!options_.frame_passes || options_.frame_passes(*frame));
    return passes ? take_frame(event, *frame, std::move(journey)) : ok_status();
  }
  if (!options_.event_json) return ok_status();
  const EventWords words = options_.event_json(event);
  return wanted ? writer_.event(utc_ns(event.time), event.seq, words) : ok_status();
}

bool PacketMerge::wants_ahead(const Event& event) const {
  constexpr std::uint64_t kAhead_ns = 2'000'000'000;
  constexpr std::size_t kWaiting_max = 1U << 17U;
  if (!tcp_) return false;
  if (tcp_->last() < event.seq) return true;
  return tcp_->waiting() < kWaiting_max && tcp_->until() <= add_time(event.time, kAhead_ns);
}

// A packet that never came to its viewpoint stands where it was seen last.
bool PacketMerge::is_lost(const TcpJourney& journey) const {
  return !journey.crossed && (!journey.last.delivered() || !options_.live);
}

bool PacketMerge::is_shown(const TcpJourney* journey, Seq frame, PortId port, PacketDirection direction) const {
  if (journey == nullptr || port == journey->viewpoint) return true;
  if (!is_lost(*journey) || journey->last.frame != frame) return false;
  return direction == PacketDirection::in ? journey->last.to == port && journey->last.delivered()
                                          : !journey->last.delivered();
}

Status PacketMerge::take_frame(const Event& event, const Frame& frame, std::shared_ptr<const TcpJourney> journey) {
  if (survey_.topology.find(frame.port) == nullptr) return broken_at(event.seq, "its port never was");
  deliveries_.clear();
  comments_used_ = 0;
  comments_left_out_ = 0;
  for (std::uint32_t number = 0; number < frame.copies.size(); ++number) {
    if (Status taken = take_copy(event, frame, number); !taken) return taken;
  }
  if (comments_left_out_ > 0) {
    comments_.resize(comments_used_);
    comments_.push_back("and " + std::to_string(comments_left_out_) + " copies more");
    ++comments_used_;
  }
  const Status sent = write_sent(event, frame, journey.get());
  if (!sent) return sent;
  const std::size_t arrived = deliveries_.size();
  std::erase_if(deliveries_, [&](const Pending& delivery) {
    return !is_shown(journey.get(), event.seq, delivery.decision.port, PacketDirection::in);
  });
  counts_.left_out += arrived - deliveries_.size();
  if (deliveries_.empty()) return ok_status();

  const auto count = static_cast<std::uint32_t>(deliveries_.size());
  const FramePool::SlotId slot = frames_.hold(frame.bytes, frame.port, event.seq, count);
  for (Pending& delivery : deliveries_) {
    delivery.slot = slot;
    delivery.journey = journey;
    pending_.push(std::move(delivery));
  }
  return ok_status();
}

namespace {

// How much of a TCP frame shows who talks with whom without being a segment to Wireshark: all before the numbers.
Bytes ports_only(Bytes bytes) {
  constexpr std::size_t kPortsBytes = 4;
  const auto fields = packet_fields(bytes);
  if (!fields) return bytes;
  const auto header = static_cast<std::size_t>(fields->payload.data() - bytes.data());
  return bytes.first(std::min(bytes.size(), header + kPortsBytes));
}

}  // namespace

Status PacketMerge::write_sent(const Event& event, const Frame& frame, const TcpJourney* journey) {
  if (!is_shown(journey, event.seq, frame.port, PacketDirection::out)) {
    ++counts_.left_out;
    return ok_status();
  }
  Bytes bytes = frame.bytes;
  if (journey != nullptr && frame.port != journey->viewpoint) {
    comment_lost(*journey);
    bytes = ports_only(bytes);
  } else if (journey != nullptr) {
    comment_journey(*journey, event.seq);
  }
  return write(event.time, event.seq, frame.port, PacketDirection::out, bytes, frame.length);
}

// Says what became of a packet behind the cable at hand.
void PacketMerge::comment_journey(const TcpJourney& journey, Seq frame) {
  const TcpStop& last = journey.last;
  const bool is_known = !options_.live || last.reason != Reason::none;
  if (!is_known || (last.frame == frame && !last.delivered())) return;
  std::string* const text = new_comment();
  if (text == nullptr) return;
  const auto name = [&](PortId port) { return port == kNoPort ? std::string{"nobody"} : survey_.topology.name_of(port); };
  const std::string where =
      "hop " + std::to_string(last.hop) + ", event " + std::to_string(last.frame.value) + ", at " + format_seconds(last.at);
  if (last.delivered()) {
    *text = "seen last: received by " + name(last.to) + " (" + where + ")";
  } else if (last.in_flight) {
    *text = "seen last: in flight from " + name(last.from) + " when the recording ends (" + where + ")";
  } else {
    *text = "dropped later: " + std::string(name_of(last.reason)) + ", from " + name(last.from) + " to " + name(last.to) +
            " (" + where + ")";
  }
}

// Says why a packet stands here, and not at its conversation's port.
void PacketMerge::comment_lost(const TcpJourney& journey) {
  if (std::string* const text = new_comment(); text != nullptr) {
    *text = "it never came to " + survey_.topology.name_of(journey.viewpoint) +
            ", where its conversation is shown: cut behind its ports, so that its numbers are not analysed there";
  }
}

// Finds out what became of a copy: a comment for the sender's packet, or a delivery.
Status PacketMerge::take_copy(const Event& event, const Frame& frame, std::uint32_t number) {
  const Copy& copy = frame.copies[number];
  const Fate fate = survey_.outcomes.of(event.seq, number, copy);
  if (fate.reason != Reason::none) {
    comment_fate(drop_comment(fate.reason), copy, std::nullopt);
    return ok_status();
  }
  const auto broken = [&](const char* how) { return broken_at(event.seq, "copy " + std::to_string(number) + how); };
  if (survey_.topology.find(copy.port) == nullptr) return broken(" goes to a port that never was");
  if (copy.due < event.time) return broken(" is due before the frame arrived");
  if (fate.in_flight && !options_.live) {
    comment_fate(kInFlightComment, copy, std::nullopt);
  } else if (options_.once) {
    comment_fate("delivered", copy, copy.due);
  } else if (exported(copy.port)) {
    deliveries_.push_back({.decision = copy, .frame = event.seq, .number = number, .slot = 0, .length = frame.length});
  }
  return ok_status();
}

std::string* PacketMerge::new_comment() {
  if (comments_used_ == kComments_max) {
    ++comments_left_out_;
    return nullptr;
  }
  if (comments_used_ == comments_.size()) comments_.emplace_back();
  std::string& text = comments_[comments_used_++];
  text.clear();
  return &text;
}

void PacketMerge::comment_fate(std::string_view fate, const Copy& copy, const std::optional<LabTime>& at) {
  std::string* const text = new_comment();
  if (text == nullptr) return;
  const std::size_t port = index_of(copy.port);
  const std::string_view name = copy.port == kNoPort ? "" : port < names_.size() ? std::string_view(names_[port]) : "?";
  append_comment(*text, fate, (copy.flags & kDuplicated) != 0, name, at);
  if (!at || copy.flags == 0) return;
  for (const std::string& change : changes_of(copy)) text->append("; ").append(change);
}

Status PacketMerge::deliver(LabTime now) {
  while (!pending_.empty() && pending_.top().decision.due <= now) {
    const Pending pending = pending_.top();
    pending_.pop();
    const Copy& copy = pending.decision;
    // Of a running lab, what cut the copy may have come after its frame.
    const bool cut = options_.live && survey_.outcomes.of(pending.frame, pending.number, copy).reason != Reason::none;
    comments_used_ = 0;
    if (copy.flags != 0) {
      for (std::string& change : changes_of(copy)) *new_comment() = std::move(change);
    }
    Bytes bytes = received(pending);
    if (pending.journey != nullptr && copy.port == pending.journey->viewpoint) {
      if (pending.journey->last.frame > pending.frame) comment_journey(*pending.journey, pending.frame);
    } else if (pending.journey != nullptr && !tcp_->is_of_one_node(copy.port, pending.journey->viewpoint)) {
      comment_lost(*pending.journey);
      bytes = ports_only(bytes);
    }
    const Status written =
        cut ? ok_status() : write(copy.due, pending.frame, copy.port, PacketDirection::in, bytes, pending.length);
    frames_.release(pending.slot);
    if (!written) return written;
  }
  return ok_status();
}

// Returns the bytes as the receiver got them. A payload that --lossy dropped has no byte to flip.
Bytes PacketMerge::received(const Pending& pending) {
  const Bytes sent = frames_.bytes(pending.slot);
  const Copy& copy = pending.decision;
  if ((copy.flags & kCorrupted) == 0 || copy.corrupt_byte >= sent.size()) return sent;
  corrupted_.assign(sent.begin(), sent.end());
  corrupted_[copy.corrupt_byte] ^= std::byte{1} << copy.corrupt_bit();
  return corrupted_;
}

Status PacketMerge::write(LabTime at, Seq seq, PortId port, PacketDirection direction, Bytes bytes,
                          std::uint32_t length) {
  if (!exported(port)) return ok_status();
  ++counts_.packets;
  return writer_.packet({.time_ns = utc_ns(at),
                         .seq = seq,
                         .interface = *interface_by_port_[index_of(port)],
                         .direction = direction,
                         .bytes = bytes,
                         .length = std::max(length, static_cast<std::uint32_t>(bytes.size())),
                         .comments = std::span(comments_).first(comments_used_)});
}

}  // namespace labreel
