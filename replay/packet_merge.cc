#include "replay/packet_merge.h"

#include <algorithm>
#include <tuple>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "replay/copy_comments.h"

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
         .description = "port " + port.added.name + " of the " + node->added.node_kind + " node " + node->added.name,
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
  if (const auto* frame = std::get_if<Frame>(&event.body)) {
    const bool passes = wanted && (!options_.frame_passes || options_.frame_passes(*frame));
    return passes ? take_frame(event, *frame) : ok_status();
  }
  if (!options_.event_json) return ok_status();
  const std::string json = options_.event_json(event);
  return wanted ? writer_.event(utc_ns(event.time), event.seq, json) : ok_status();
}

Status PacketMerge::take_frame(const Event& event, const Frame& frame) {
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
  const Status sent = write(event.time, event.seq, frame.port, PacketDirection::out, frame.bytes, frame.length);
  if (!sent || deliveries_.empty()) return sent;

  const auto count = static_cast<std::uint32_t>(deliveries_.size());
  const FramePool::SlotId slot = frames_.hold(frame.bytes, frame.port, event.seq, count);
  for (Pending& delivery : deliveries_) {
    delivery.slot = slot;
    pending_.push(delivery);
  }
  return ok_status();
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
    const Status written =
        cut ? ok_status()
            : write(copy.due, pending.frame, copy.port, PacketDirection::in, received(pending), pending.length);
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
  return writer_.packet({.time_ns = utc_ns(at),
                         .seq = seq,
                         .interface = *interface_by_port_[index_of(port)],
                         .direction = direction,
                         .bytes = bytes,
                         .length = std::max(length, static_cast<std::uint32_t>(bytes.size())),
                         .comments = std::span(comments_).first(comments_used_)});
}

}  // namespace labreel
