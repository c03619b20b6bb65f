// FramePool: the bytes of the frames that fly, each held once however many copies there are.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// Slots that are used again, so that in the steady state no frame needs memory. A slot's buffer has a size class (a
// power of two), and free slots wait by class, so that a small frame never takes a jumbo's buffer.
class FramePool {
 public:
  using SlotId = std::uint32_t;

  // A frame of that length is about to be held: the slot that it will get is fetched, while the fabric decides.
  void expect(std::size_t length) const;
  // Copies a frame into a free slot, for `copies` copies (at least one).
  SlotId hold(Bytes bytes, PortId from, Seq seq, std::uint32_t copies);
  // Lets one copy go. The bytes stay readable until the next hold().
  void release(SlotId slot);

  Bytes bytes(SlotId slot) const { return {slots_[slot].buffer.get(), slots_[slot].length}; }
  PortId from(SlotId slot) const { return slots_[slot].from; }
  Seq seq(SlotId slot) const { return slots_[slot].seq; }
  std::uint32_t copies(SlotId slot) const { return slots_[slot].copies; }

 private:
  struct Slot {
    std::unique_ptr<std::byte[]> buffer;
    Seq seq;
    PortId from{};
    std::uint32_t length = 0;
    std::uint32_t copies = 0;
    std::uint32_t size_class = 0;
  };
  static std::uint32_t size_class_of(std::size_t length);

  std::vector<Slot> slots_;
  std::array<std::vector<SlotId>, 33> free_;  // by class; the last freed is taken first, for the cache's sake
};

}  // namespace labreel
