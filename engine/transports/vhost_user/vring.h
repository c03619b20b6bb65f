// Vring: the device's side of one split virtqueue in a guest's memory.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/transports/vhost_user/guest_memory.h"

namespace labreel {

// Shape: the guest writes descriptors and the available ring; we write the used ring, which may lie over both. Everything in
//        them is hostile: each field is read once and checked before it is used.
// Errors: Error{lab} for a ring that a correct driver cannot make; the guest's devices are then of no more use.
// Source: Virtual I/O Device (VIRTIO) 1.1, section 2.6 "Split Virtqueues".
class Vring {
 public:
  // One piece of a buffer.
  struct Part {
    std::byte* bytes = nullptr;
    std::uint32_t length = 0;
    bool writable = false;  // by the device
  };
  struct Buffer {
    std::uint16_t head = 0;
    std::vector<Part> parts;
  };
  struct Addresses {
    std::uint64_t descriptors = 0;
    std::uint64_t available = 0;
    std::uint64_t used = 0;
  };

  Status set_size(std::uint32_t entries);
  void set_base(std::uint16_t next) { next_ = next; }
  Status set_addresses(const GuestMemory& memory, const Addresses& addresses);
  void enable(bool enabled) { enabled_ = enabled; }
  // Forgets where it lies: the memory changed.
  void unmap() { descriptors_ = available_ = used_ = nullptr; }

  bool ready() const { return enabled_ && descriptors_ != nullptr; }
  // Sees what the guest offers now. take() gives that and no more, whatever the guest writes meanwhile, and no descriptor of it
  // twice: so a guest holds nobody for longer than its ring has entries.
  void look();
  // Takes the next buffer that look() saw, if there is one.
  Result<bool> take(const GuestMemory& memory, Buffer& buffer);
  // Puts a buffer that take() gave back: it will be given again.
  void untake() { --next_; }
  // Gives a buffer back to the guest, with so many bytes written into it.
  void give_back(const Buffer& buffer, std::uint32_t written_bytes);
  // Says whether the guest wants to be interrupted when buffers come back.
  bool wants_interrupt() const;

 private:
  struct Descriptor;
  std::uint32_t size_ = 0;
  std::uint16_t next_ = 0;  // the next entry of the available ring
  std::uint16_t offered_ = 0;         // as look() saw it
  std::uint32_t descriptors_left_ = 0;  // that buffers may have until the next look()
  std::uint16_t given_ = 0;
  bool enabled_ = false;
  std::byte* descriptors_ = nullptr;
  std::byte* available_ = nullptr;
  std::byte* used_ = nullptr;
};

}  // namespace labreel
