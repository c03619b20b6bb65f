#include "engine/core/frame_pool.h"

#include <algorithm>
#include <bit>

#include "engine/core/check.h"

namespace labreel {

std::uint32_t FramePool::size_class_of(std::size_t length) {
  constexpr std::size_t kSmallest = 128;
  return static_cast<std::uint32_t>(std::bit_width(std::max(length, kSmallest) - 1));
}

void FramePool::expect(std::size_t length) const {
  constexpr std::size_t kCacheLine_bytes = 64, kAtOnce_bytes = 2048;
  const std::uint32_t size_class = size_class_of(length);
  if (size_class >= free_.size() || free_[size_class].empty()) return;
  const std::byte* const buffer = slots_[free_[size_class].back()].buffer.get();
  for (std::size_t at = 0; at < std::min(length, kAtOnce_bytes); at += kCacheLine_bytes) __builtin_prefetch(buffer + at, 1);
}

FramePool::SlotId FramePool::hold(Bytes bytes, PortId from, Seq seq, std::uint32_t copies) {
  const std::uint32_t size_class = size_class_of(bytes.size());
  LABREEL_CHECK(copies > 0 && size_class < free_.size());
  std::vector<SlotId>& free = free_[size_class];
  if (free.empty()) {
    slots_.emplace_back();
    slots_.back().buffer = std::make_unique_for_overwrite<std::byte[]>(std::size_t{1} << size_class);
    slots_.back().size_class = size_class;
    free.push_back(static_cast<SlotId>(slots_.size() - 1));
  }
  const SlotId id = free.back();
  free.pop_back();
  Slot& slot = slots_[id];
  std::copy(bytes.begin(), bytes.end(), slot.buffer.get());
  slot.seq = seq;
  slot.from = from;
  slot.length = static_cast<std::uint32_t>(bytes.size());
  slot.copies = copies;
  return id;
}

void FramePool::release(SlotId id) {
  Slot& slot = slots_[id];
  LABREEL_CHECK(slot.copies > 0);
  if (--slot.copies == 0) free_[slot.size_class].push_back(id);
}

}  // namespace labreel
