#include "replay/decode/tcp_follower.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/text/hex.h"
#include "replay/summary/byte_reader.h"

namespace labreel {
namespace {

constexpr unsigned kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10;
constexpr std::size_t kConnections_max = 65'536;
constexpr std::uint64_t kFastWithin_ns = 20'000'000;   // after the last duplicate ACK
constexpr std::uint64_t kOrderWithin_ns = 3'000'000;   // a round trip, where none was seen

// Numbers go round.
bool is_before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

int window_scale(Bytes options) {
  constexpr unsigned kEnd = 0, kNop = 1, kWindowScale = 3;
  constexpr int kShift_max = 14;
  summary::ByteReader reader{options};
  while (reader.left() > 0 && reader.ok()) {
    const unsigned kind = reader.u8();
    if (kind == kEnd) break;
    if (kind == kNop) continue;
    const unsigned length = reader.u8();
    if (length < 2) break;
    const Bytes value = reader.take(length - 2U);
    if (kind == kWindowScale && value.size() == 1) return std::min(std::to_integer<int>(value[0]), kShift_max);
  }
  return 0;
}

}  // namespace

struct TcpFollower::Segment {
  std::uint64_t at_ns = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::uint32_t length = 0;
  std::uint32_t window = 0;
  unsigned flags = 0;
  int scale = 0;
  std::string key;
  bool is_from_lower = false;

  bool has(unsigned flag) const { return (flags & flag) != 0; }
  bool is_plain() const { return !has(kSyn | kFin | kRst); }
  std::uint32_t next() const { return sequence + length + (has(kSyn | kFin) ? 1 : 0); }

  // What the bytes of a TCP layer say; its length is that of the packet that carries it, which the frame may have cut.
  static std::optional<Segment> of(Bytes frame, const Layer& ip, const Layer& tcp);
};

struct TcpFollower::Verdict {
  bool zero_window = false, zero_window_probe = false, zero_window_probe_ack = false;
  bool lost_before = false, acked_unseen = false;
  bool keep_alive = false, keep_alive_ack = false;
  bool window_update = false, window_full = false;
  bool duplicate_ack = false;
  bool retransmission = false, fast_retransmission = false, spurious_retransmission = false, out_of_order = false;
};

std::optional<TcpFollower::Segment> TcpFollower::Segment::of(Bytes frame, const Layer& ip, const Layer& tcp) {
  const bool is_v4 = ip.name == "ip";
  const Bytes header = frame.subspan(ip.offset, ip.length);
  const std::size_t address_bytes = is_v4 ? 4 : 16;
  const std::size_t addresses_at = is_v4 ? 12 : 8;
  if (header.size() < addresses_at + 2 * address_bytes) return std::nullopt;
  summary::ByteReader lengths{header.subspan(is_v4 ? 2 : 4)};
  const std::size_t packet_bytes = lengths.u16() + (is_v4 ? 0U : 40U);
  summary::ByteReader reader{frame.subspan(tcp.offset, tcp.length)};
  const Bytes ports = reader.take(4);
  Segment segment;
  segment.sequence = reader.u32();
  segment.acknowledged = reader.u32();
  const unsigned offset_and_flags = reader.u16();
  segment.flags = offset_and_flags & 0x1ffU;
  segment.window = reader.u16();
  reader.skip(4);
  const std::size_t header_bytes = (offset_and_flags >> 12U) * std::size_t{4};
  if (!reader.ok() || header_bytes < 20) return std::nullopt;
  if (segment.has(kSyn)) segment.scale = window_scale(reader.take(std::min(reader.left(), header_bytes - 20)));
  const std::size_t before = tcp.offset - ip.offset + header_bytes;
  if (packet_bytes > before) segment.length = static_cast<std::uint32_t>(packet_bytes - before);
  std::string from{as_text(header.subspan(addresses_at, address_bytes))};
  std::string to{as_text(header.subspan(addresses_at + address_bytes, address_bytes))};
  from += as_text(ports.first(2));
  to += as_text(ports.subspan(2));
  segment.is_from_lower = from <= to;
  segment.key = segment.is_from_lower ? from + to : to + from;
  return segment;
}

void TcpFollower::learn_numbers(const Segment& segment, Connection& connection, Flow& from, Flow& to) {
  if (segment.has(kSyn)) {
    from.scale = segment.scale;
    if (segment.has(kAck)) {
      connection.had_syn_ack = true;
    } else {
      connection.syn_at_ns = segment.at_ns;
    }
  } else if (connection.had_syn_ack && connection.first_round_ns == 0 && connection.syn_at_ns != 0 && segment.has(kAck)) {
    connection.first_round_ns = std::max<std::uint64_t>(segment.at_ns - connection.syn_at_ns, 1);
  }
  if (!from.has_base) {
    from.base = segment.has(kSyn) ? segment.sequence : segment.sequence - 1;
    from.has_base = true;
  }
  if (!to.has_base && segment.has(kAck)) {
    to.base = segment.acknowledged - 1;
    to.has_base = true;
  }
}

TcpFollower::Verdict TcpFollower::judge(const Segment& segment, const Connection& connection, Flow& from, const Flow& to) {
  Verdict verdict;
  const bool is_next = from.has_next && segment.sequence == from.next;
  const bool has_window = segment.window != 0;
  if (segment.length == 1 && is_next && to.has_sent_ack && to.window == 0) {
    verdict.zero_window_probe = true;
    return verdict;
  }
  verdict.zero_window = !has_window && segment.is_plain();
  verdict.lost_before = from.has_next && is_before(from.next, segment.sequence) && !segment.has(kRst);
  verdict.keep_alive = segment.length <= 1 && from.has_next && segment.sequence == from.next - 1 && segment.is_plain();
  const bool same_ack = from.has_sent_ack && segment.acknowledged == from.last_ack;
  const bool only_acks = segment.length == 0 && is_next && segment.is_plain();
  verdict.window_update = only_acks && has_window && segment.window != from.window && same_ack;
  if (segment.length > 0 && to.scale >= 0 && to.has_sent_ack && segment.is_plain()) {
    verdict.window_full = segment.sequence + segment.length == to.last_ack + (to.window << static_cast<unsigned>(to.scale));
  }
  const bool same_ack_or_next = same_ack || (from.has_sent_ack && segment.acknowledged == from.last_ack + 1);
  if (only_acks && has_window && segment.window == from.window && same_ack_or_next && to.said_alive) {
    verdict.keep_alive_ack = true;
    return verdict;
  }
  if (only_acks && !has_window && from.window == 0 && same_ack_or_next && to.probed) {
    verdict.zero_window_probe_ack = true;
    return verdict;
  }
  verdict.duplicate_ack = only_acks && has_window && segment.window == from.window && same_ack;
  from.duplicates = verdict.duplicate_ack ? from.duplicates + 1 : same_ack ? from.duplicates : 0;
  verdict.acked_unseen = to.has_highest && segment.has(kAck) && is_before(to.highest_to_ack, segment.acknowledged);
  if ((segment.length == 0 && !segment.has(kSyn | kFin)) || verdict.keep_alive) return verdict;
  const bool is_late = from.has_next && is_before(segment.sequence, from.next);
  if (segment.length > 0 && to.has_sent_ack && !is_before(to.last_ack, segment.sequence + segment.length)) {
    verdict.spurious_retransmission = verdict.retransmission = true;
    return verdict;
  }
  if (!is_late) return verdict;
  if (to.duplicates >= 2 && to.last_ack == segment.sequence && segment.at_ns - to.last_ack_at_ns < kFastWithin_ns) {
    verdict.fast_retransmission = verdict.retransmission = true;
    return verdict;
  }
  const std::uint64_t order_within = connection.first_round_ns != 0 ? connection.first_round_ns : kOrderWithin_ns;
  if (segment.at_ns - from.next_at_ns < order_within && from.next != segment.next()) {
    verdict.out_of_order = true;
    return verdict;
  }
  verdict.retransmission = true;
  return verdict;
}

void TcpFollower::remember(const Segment& segment, const Verdict& verdict, Flow& from, Flow& to) {
  const bool goes_on = !from.has_next || is_before(from.next, segment.next());
  if (goes_on && !verdict.zero_window_probe) {
    from.next = segment.next();
    from.next_at_ns = segment.at_ns;
    from.has_next = true;
  }
  if ((!from.has_highest || segment.sequence == from.highest_to_ack) && !verdict.zero_window_probe) {
    from.highest_to_ack = from.next;
    from.has_highest = true;
  }
  if (verdict.acked_unseen) to.highest_to_ack = segment.acknowledged;
  from.window = segment.window;
  if (segment.has(kAck)) {
    from.last_ack = segment.acknowledged;
    from.last_ack_at_ns = segment.at_ns;
    from.has_sent_ack = true;
  }
  from.said_alive = verdict.keep_alive;
  from.probed = verdict.zero_window_probe;
}

void TcpFollower::add_fields(Layer& layer, const Segment& segment, const Verdict& verdict, const Flow& from, const Flow& to) {
  const auto add = [&layer](std::string_view name, std::string_view label, std::string value, std::uint32_t at, std::uint32_t length) {
    layer.fields.push_back(Field{std::string(name), std::string(label), std::move(value), layer.offset + at, length, 0});
  };
  const std::uint32_t relative = segment.sequence - from.base;
  add("tcp.seq", "Sequence Number (relative)", std::to_string(relative), 4, 4);
  add("tcp.nxtseq", "Next Sequence Number (relative)", std::to_string(segment.next() - from.base), 0, 0);
  const std::uint32_t acknowledged = segment.has(kAck) ? segment.acknowledged - to.base : 0;
  add("tcp.ack", "Acknowledgment Number (relative)", std::to_string(acknowledged), 8, 4);
  const bool knows_scale = !segment.has(kSyn) && from.scale >= 0 && to.scale >= 0;
  const auto shift = static_cast<unsigned>(knows_scale ? from.scale : 0);
  add("tcp.window_size", "Calculated window size", std::to_string(segment.window << shift), 14, 2);
  const std::pair<bool, std::pair<std::string_view, std::string_view>> judgements[] = {
      {verdict.retransmission, {"tcp.analysis.retransmission", "This frame is a (suspected) retransmission"}},
      {verdict.fast_retransmission, {"tcp.analysis.fast_retransmission", "This frame is a (suspected) fast retransmission"}},
      {verdict.spurious_retransmission, {"tcp.analysis.spurious_retransmission", "This frame is a (suspected) spurious retransmission"}},
      {verdict.out_of_order, {"tcp.analysis.out_of_order", "This frame is a (suspected) out-of-order segment"}},
      {verdict.lost_before, {"tcp.analysis.lost_segment", "Previous segment(s) not captured"}},
      {verdict.acked_unseen, {"tcp.analysis.ack_lost_segment", "ACKed segment that wasn't captured"}},
      {verdict.duplicate_ack, {"tcp.analysis.duplicate_ack", "This is a TCP duplicate ack"}},
      {verdict.window_update, {"tcp.analysis.window_update", "This is a tcp window update"}},
      {verdict.window_full, {"tcp.analysis.window_full", "The transmission window is now completely full"}},
      {verdict.zero_window, {"tcp.analysis.zero_window", "This is a ZeroWindow segment"}},
      {verdict.zero_window_probe, {"tcp.analysis.zero_window_probe", "This is a TCP zero-window-probe"}},
      {verdict.zero_window_probe_ack, {"tcp.analysis.zero_window_probe_ack", "This is an ACK to a TCP zero-window-probe"}},
      {verdict.keep_alive, {"tcp.analysis.keep_alive", "This is a TCP keep-alive segment"}},
      {verdict.keep_alive_ack, {"tcp.analysis.keep_alive_ack", "This is an ACK to a TCP keep-alive segment"}}};
  for (const auto& [holds, words] : judgements) {
    if (holds) add(words.first, words.second, {}, 0, 0);
  }
  if (verdict.duplicate_ack) add("tcp.analysis.duplicate_ack_num", "Duplicate ACK #", std::to_string(from.duplicates), 0, 0);
}

void TcpFollower::follow(DecodedFrame& decoded, Bytes frame, std::uint64_t time_ns, std::uint64_t place) {
  const Layer* ip = nullptr;
  for (Layer& layer : decoded.layers) {
    // What an error quotes was sent before.
    if (layer.name == "icmp" || layer.name == "icmpv6") return;
    if (layer.name == "ip" || layer.name == "ipv6") ip = &layer;
    if (layer.name != "tcp" || ip == nullptr) continue;
    std::optional<Segment> segment = Segment::of(frame, *ip, layer);
    if (!segment) return;
    segment->at_ns = time_ns;
    segment->key += std::to_string(place);
    if (connections_.size() >= kConnections_max && !connections_.contains(segment->key)) connections_.clear();
    Connection& connection = connections_[segment->key];
    // The same ports again: another connection.
    const Flow& known = connection.flows[segment->is_from_lower ? 0 : 1];
    if (segment->has(kSyn) && !segment->has(kAck) && known.has_base && known.base != segment->sequence) connection = Connection{};
    Flow& from = connection.flows[segment->is_from_lower ? 0 : 1];
    Flow& to = connection.flows[segment->is_from_lower ? 1 : 0];
    learn_numbers(*segment, connection, from, to);
    const Verdict verdict = judge(*segment, connection, from, to);
    add_fields(layer, *segment, verdict, from, to);
    remember(*segment, verdict, from, to);
  }
}

}  // namespace labreel
