#include "engine/transports/super_frame.h"

#include <algorithm>

namespace labreel {
namespace {

constexpr std::uint8_t kEndsOne = TcpHead::kFin | TcpHead::kPsh;
constexpr std::uint8_t kAlone = TcpHead::kSyn | TcpHead::kRst | TcpHead::kUrg | TcpHead::kCwr;
constexpr std::uint16_t kChecksumInTcp = 16;

iovec part(Bytes bytes) { return {const_cast<std::byte*>(bytes.data()), bytes.size()}; }

}  // namespace

// Whether the frame is what cutting would give at that place, but for flags that end a super-frame.
bool SuperFrame::is_next(Bytes frame, std::size_t number, std::size_t offset) const {
  const std::size_t head_bytes = head_->size();
  if (frame.size() <= head_bytes || head_->sequence_in(frame) != static_cast<std::uint32_t>(head_->sequence() + offset)) return false;
  std::array<std::byte, TcpHead::kBytes_max> expected;
  head_->write(expected, static_cast<std::uint16_t>(number), static_cast<std::uint32_t>(offset), frame.subspan(head_bytes),
               static_cast<std::uint8_t>(head_->flags() | (head_->flags_in(frame) & kEndsOne)));
  return std::equal(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(head_bytes), frame.begin());
}

std::size_t SuperFrame::count_alike(std::span<const Bytes> frames) const {
  const std::size_t room = std::min(frames.size(), kFrames_max);
  std::size_t count = 0;
  std::size_t total = head_->size();
  bool ended = false;
  while (count < room && !ended) {
    const Bytes frame = frames[count];
    if (frame.size() > frames[0].size() || !is_next(frame, count, total - head_->size())) break;
    total += frame.size() - head_->size();
    if (total > kPacketBytes_max) break;
    ++count;
    ended = frame.size() < frames[0].size() || (head_->flags_in(frame) & kEndsOne) != 0;
  }
  return std::max<std::size_t>(count, 1);
}

std::size_t SuperFrame::count_joined(std::span<const Bytes> frames) {
  if (frames.size() < 2) return 1;
  head_ = TcpHead::of(frames[0]);
  if (!head_ || (head_->flags() & (kAlone | kEndsOne)) != 0 || frames[0].size() == head_->size()) return 1;
  // Before the bytes are summed: what most often tells that two frames do not belong together.
  const auto after_first = static_cast<std::uint32_t>(head_->sequence() + frames[0].size() - head_->size());
  if (frames[1].size() <= head_->size() || head_->sequence_in(frames[1]) != after_first) return 1;
  return count_alike(frames);
}

// To copy a frame of ordinary size behind the header costs less than to have the kernel gather two parts.
void SuperFrame::set_alone(Bytes frame) {
  if (frame.size() <= alone_.size() - sizeof(OffloadHeader)) {
    std::copy(frame.begin(), frame.end(), alone_.begin() + sizeof(OffloadHeader));
    parts_[0] = {alone_.data(), sizeof(OffloadHeader) + frame.size()};
    used_ = 1;
    return;
  }
  parts_[0] = {alone_.data(), sizeof(OffloadHeader)};
  parts_[1] = part(frame);
  used_ = 2;
}

std::size_t SuperFrame::join(std::span<const Bytes> frames) {
  const std::size_t count = count_joined(frames);
  if (count == 1) {
    set_alone(frames[0]);
    return 1;
  }
  parts_[0] = {&offloads_, sizeof offloads_};
  used_ = 2;
  const std::size_t head_bytes = head_->size();
  std::size_t payload_bytes = 0;
  for (const Bytes frame : frames.first(count)) {
    payload_bytes += frame.size() - head_bytes;
    parts_[used_++] = part(frame.subspan(head_bytes));
  }
  head_->write_whole(whole_head_, payload_bytes, head_->flags_in(frames[count - 1]));
  parts_[1] = part(Bytes(whole_head_).first(head_bytes));
  offloads_ = OffloadHeader{.flags = kNeedsChecksum,
                            .segment_kind = head_->is_over_ipv6() ? kTcpOverIpv6 : kTcpOverIpv4,
                            .header_length = static_cast<std::uint16_t>(head_bytes),
                            .segment_size = static_cast<std::uint16_t>(frames[0].size() - head_bytes),
                            .checksum_start = static_cast<std::uint16_t>(head_->tcp_at()),
                            .checksum_offset = kChecksumInTcp};
  return count;
}

}  // namespace labreel
