#include "replay/export_packets.h"

#include <algorithm>
#include <queue>
#include <tuple>

#include "engine/core/arithmetic.h"
#include "engine/core/frame_pool.h"
#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "replay/export_survey.h"
#include "replay/packet_writer.h"
#include "replay/pcap_writer.h"
#include "replay/pcapng_writer.h"

namespace labreel {
namespace {

constexpr std::size_t kComments_max = 256;  // of one packet: Wireshark refuses a block of 16 MiB

// A delivery whose time the merge has not reached yet.
struct Pending {
  Copy decision;
  Seq frame;
  std::uint32_t number = 0;  // of the copy
  FramePool::SlotId slot = 0;
  std::uint32_t length = 0;

  friend bool operator>(const Pending& a, const Pending& b) {
    return std::tie(a.decision.due, a.frame, a.number) > std::tie(b.decision.due, b.frame, b.number);
  }
};

// Says what the fabric did to a copy, one comment for each thing.
std::vector<std::string> changes_of(const Copy& copy) {
  std::vector<std::string> changes;
  if ((copy.flags & kDuplicated) != 0) changes.emplace_back("duplicated: this copy is the duplicate");
  if ((copy.flags & kCorrupted) != 0) {
    changes.push_back("corrupted: bit " + std::to_string(copy.corrupt_bit()) + " of byte " +
                      std::to_string(copy.corrupt_byte) + " was flipped");
  }
  if ((copy.flags & kReordered) != 0) changes.emplace_back("reordered: this copy skipped the delay");
  return changes;
}

Error broken_at(Seq seq, std::string what) {
  return Error{.kind = ErrorKind::input,
               .what = std::move(what),
               .place = "event " + std::to_string(seq.value),
               .hint = "run `labreel check` on the reel"};
}

// The second pass: gives frames and what was delivered of them to the writer, in order of time.
class PacketMerge {
 public:
  PacketMerge(const ExportSurvey& survey, const ExportOptions& options, PacketWriter& writer)
      : survey_(survey), options_(options), writer_(writer) {}

  Status begin();
  // Errors: an event out of order, or a frame that does not fit the lab.
  Status take(const Event& event);
  // Writes the deliveries that are due up to and with `now`.
  Status deliver(LabTime now);

 private:
  Status take_frame(const Event& event, const Frame& frame);
  Status take_copy(const Event& event, const Frame& frame, std::uint32_t number);
  Status write(LabTime at, Seq seq, PortId port, PacketDirection direction, Bytes bytes, std::uint32_t length);
  Bytes received(const Pending& pending);
  void comment(std::string text);
  void comment_fate(const std::string& fate, const Copy& copy, const std::string& at);
  bool exported(PortId port) const {
    return index_of(port) < interface_by_port_.size() && interface_by_port_[index_of(port)].has_value();
  }
  std::uint64_t utc_ns(LabTime at) const { return add_time(at, options_.begin_utc_ns.value_or(0)).ns; }

  const ExportSurvey& survey_;
  const ExportOptions& options_;
  PacketWriter& writer_;
  std::vector<std::optional<std::uint32_t>> interface_by_port_;
  Seq last_seq_;
  LabTime last_time_;

  FramePool frames_;  // what is pending, each frame once
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;

  // Of the frame at hand; kept for their capacity.
  std::vector<Pending> deliveries_;
  std::vector<std::string> comments_;
  std::size_t comments_left_out_ = 0;
  std::vector<std::byte> corrupted_;
};

Status PacketMerge::begin() {
  Capture capture{.program = options_.program,
                  .comments = {},
                  .filter = options_.filter,
                  .addresses = options_.addresses,
                  .interfaces = {},
                  .with_events = static_cast<bool>(options_.event_json)};
  if (!options_.lab.empty()) capture.comments.push_back("lab: " + options_.lab);
  capture.comments.push_back("seed: " + std::to_string(options_.seed));
  if (!options_.digest.empty()) capture.comments.push_back("digest: " + options_.digest);

  std::vector<std::string> names;
  for (const PortInfo& port : survey_.topology.ports()) {
    names.push_back(survey_.topology.name_of(port.added.port));
    std::optional<std::uint32_t>& interface = interface_by_port_.emplace_back();
    if (options_.port && *options_.port != names.back()) continue;
    interface = static_cast<std::uint32_t>(capture.interfaces.size());
    const NodeInfo* node = survey_.topology.find(port.added.node);
    LABREEL_CHECK(node != nullptr);
    capture.interfaces.push_back(
        {.name = names.back(),
         .description = "port " + port.added.name + " of the " + node->added.node_kind + " node " + node->added.name,
         .mac = port.added.mac});
  }
  if (options_.port && capture.interfaces.empty()) {
    return Error{.kind = ErrorKind::usage,
                 .what = "there is no port " + *options_.port + did_you_mean(*options_.port, names),
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
  comments_.clear();
  comments_left_out_ = 0;
  for (std::uint32_t number = 0; number < frame.copies.size(); ++number) {
    if (Status taken = take_copy(event, frame, number); !taken) return taken;
  }
  if (comments_left_out_ > 0) comments_.push_back("and " + std::to_string(comments_left_out_) + " copies more");
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
    comment_fate("dropped: " + std::string(name_of(fate.reason)), copy, "");
    return ok_status();
  }
  const auto broken = [&](const char* how) { return broken_at(event.seq, "copy " + std::to_string(number) + how); };
  if (survey_.topology.find(copy.port) == nullptr) return broken(" goes to a port that never was");
  if (copy.due < event.time) return broken(" is due before the frame arrived");
  if (fate.in_flight) {
    comment_fate("in flight when the recording ends", copy, "");
  } else if (options_.once) {
    comment_fate("delivered", copy, format_seconds(copy.due));
  } else if (exported(copy.port)) {
    deliveries_.push_back({.decision = copy, .frame = event.seq, .number = number, .slot = 0, .length = frame.length});
  }
  return ok_status();
}

void PacketMerge::comment(std::string text) {
  if (comments_.size() < kComments_max) {
    comments_.push_back(std::move(text));
  } else {
    ++comments_left_out_;
  }
}

void PacketMerge::comment_fate(const std::string& fate, const Copy& copy, const std::string& at) {
  std::string which = (copy.flags & kDuplicated) != 0 ? "the duplicate" : "";
  if (copy.port != kNoPort) which += (which.empty() ? "to " : " to ") + survey_.topology.name_of(copy.port);
  if (!at.empty()) which += " at " + at;
  std::string text = which.empty() ? fate : fate + " (" + which + ")";
  if (!at.empty()) {
    for (const std::string& change : changes_of(copy)) text += "; " + change;
  }
  comment(std::move(text));
}

Status PacketMerge::deliver(LabTime now) {
  while (!pending_.empty() && pending_.top().decision.due <= now) {
    const Pending pending = pending_.top();
    pending_.pop();
    const Copy& copy = pending.decision;
    comments_ = changes_of(copy);
    const Status written =
        write(copy.due, pending.frame, copy.port, PacketDirection::in, received(pending), pending.length);
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
                         .comments = comments_});
}

Status merge(EventSource& events, const ExportOptions& options, PacketMerge& packets, const PacketWriter& writer) {
  Event event;
  while (!writer.closed()) {
    const Result<bool> more = events.next(event);
    if (!more) return more.error();
    if (!*more || event.seq > options.to) break;
    if (Status taken = packets.take(event); !taken) return taken;
  }
  return ok_status();
}

Status export_to(PacketWriter& writer, EventSource& first_pass, EventSource& second_pass,
                 const ExportOptions& options) {
  const ExportSurvey survey = survey_for_export(first_pass);
  PacketMerge packets(survey, options, writer);
  if (Status begun = packets.begin(); !begun) return begun;
  const Status merged = merge(second_pass, options, packets, writer);
  const Status delivered = writer.closed() ? ok_status() : packets.deliver(kNever);
  writer.end();
  return merged ? delivered : merged;
}

}  // namespace

Status export_pcapng(EventSource& first_pass, EventSource& second_pass, const ExportOptions& options, ByteSink& sink) {
  PcapngWriter writer(sink);
  return export_to(writer, first_pass, second_pass, options);
}

Status export_pcap(EventSource& first_pass, EventSource& second_pass, const ExportOptions& options, ByteSink& sink) {
  PcapWriter writer(sink);
  return export_to(writer, first_pass, second_pass, options);
}

}  // namespace labreel
