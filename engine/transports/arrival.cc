#include "engine/transports/arrival.h"

#include <algorithm>

#include "engine/core/check.h"
#include "engine/transports/checksum.h"

namespace labreel {

bool Arrival::hold(std::size_t begin, std::size_t length, const OffloadHeader& header) {
  LABREEL_CHECK(begin <= buffer_.size() && length <= buffer_.size() - begin);
  head_.reset();
  whole_ = std::span(buffer_).subspan(begin, length);
  const bool fits = header.segment_kind != kOneFrame ? hold_segments(header)
                    : (header.flags & kNeedsChecksum) != 0
                        ? finish_checksum(whole_, header.checksum_start, header.checksum_offset)
                        : true;
  if (!fits) whole_ = {};
  return fits;
}

bool Arrival::hold_segments(const OffloadHeader& header) {
  const auto kind = static_cast<std::uint8_t>(header.segment_kind & ~kWithCongestionBit);
  head_ = TcpHead::of(whole_);
  if (!head_ || kind != (head_->is_over_ipv6() ? kTcpOverIpv6 : kTcpOverIpv4)) return false;
  if ((header.flags & kNeedsChecksum) == 0 || header.checksum_start != head_->tcp_at() || header.segment_size == 0) return false;
  head_->trust_unfinished_checksum(whole_.size() - head_->size());
  segment_bytes_ = header.segment_size;
  offset_ = 0;
  number_ = 0;
  return true;
}

bool Arrival::next(Bytes& frame) {
  if (whole_.empty()) return false;
  if (head_) {
    frame = cut_next();
  } else {
    frame = whole_;
    whole_ = {};
  }
  return true;
}

// In place: the headers of each frame go right before its payload, over what was the end of the frame before.
Bytes Arrival::cut_next() {
  const std::size_t head_bytes = head_->size();
  const std::size_t payload_bytes = std::min(whole_.size() - head_bytes, segment_bytes_);
  const std::span<std::byte> frame = whole_.first(head_bytes + payload_bytes);
  const bool is_last = frame.size() == whole_.size();
  std::uint8_t flags = head_->flags();
  if (number_ > 0) flags &= static_cast<std::uint8_t>(~TcpHead::kCwr);
  if (!is_last) flags &= static_cast<std::uint8_t>(~(TcpHead::kFin | TcpHead::kPsh));
  head_->write(frame, number_, offset_, frame.subspan(head_bytes), flags);
  whole_ = is_last ? std::span<std::byte>{} : whole_.subspan(payload_bytes);
  offset_ += static_cast<std::uint32_t>(payload_bytes);
  ++number_;
  return frame;
}

}  // namespace labreel
