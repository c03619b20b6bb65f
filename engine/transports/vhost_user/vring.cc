#include "engine/transports/vhost_user/vring.h"

#include <atomic>
#include <string>

namespace labreel {
namespace {

constexpr std::uint32_t kEntriesMax = 32'768;
constexpr std::uint16_t kHasNext = 1;
constexpr std::uint16_t kDeviceWrites = 2;
constexpr std::uint16_t kNoInterrupt = 1;
constexpr std::size_t kDescriptorBytes = 16;
constexpr std::size_t kRingHeaderBytes = 4;  // flags, idx
constexpr std::size_t kUsedBytes = 8;

Error hostile(const std::string& what) { return Error{ErrorKind::lab, "the guest's virtqueue " + what}; }

// The rings are aligned (set_addresses() saw to it), and the guest may write them at any time: read each field once.
template <class T>
T load(std::byte* at) {
  return std::atomic_ref<T>(*reinterpret_cast<T*>(at)).load(std::memory_order_acquire);
}
template <class T>
void store(std::byte* at, T value) {
  std::atomic_ref<T>(*reinterpret_cast<T*>(at)).store(value, std::memory_order_release);
}

bool is_aligned(const std::byte* at, std::uintptr_t to) { return reinterpret_cast<std::uintptr_t>(at) % to == 0; }

}  // namespace

struct Vring::Descriptor {
  std::uint64_t address;
  std::uint32_t length;
  std::uint16_t flags;
  std::uint16_t next;
  explicit Descriptor(std::byte* at)
      : address(load<std::uint64_t>(at)),
        length(load<std::uint32_t>(at + 8)),
        flags(load<std::uint16_t>(at + 12)),
        next(load<std::uint16_t>(at + 14)) {}
};

Status Vring::set_size(std::uint32_t entries) {
  if (entries == 0 || entries > kEntriesMax || (entries & (entries - 1)) != 0) {
    return hostile("has " + std::to_string(entries) + " entries, which is no power of two up to 32768");
  }
  size_ = entries;
  unmap();  // its rings have another length now
  return ok_status();
}

Status Vring::set_addresses(const GuestMemory& memory, const Addresses& addresses) {
  if (size_ == 0) return hostile("has addresses before it has a size");
  std::byte* const descriptors = memory.find(addresses.descriptors, kDescriptorBytes * size_);
  std::byte* const available = memory.find(addresses.available, kRingHeaderBytes + 2 * size_);
  std::byte* const used = memory.find(addresses.used, kRingHeaderBytes + kUsedBytes * size_);
  if (descriptors == nullptr || available == nullptr || used == nullptr) return hostile("lies outside its memory");
  if (!is_aligned(descriptors, 8) || !is_aligned(available, 4) || !is_aligned(used, 4))
    return hostile("is not aligned");
  descriptors_ = descriptors;
  available_ = available;
  used_ = used;
  given_ = load<std::uint16_t>(used_ + 2);
  return ok_status();
}

void Vring::look() {
  if (descriptors_ == nullptr) return;
  offered_ = load<std::uint16_t>(available_ + 2);
  descriptors_left_ = size_;
}

Result<bool> Vring::take(const GuestMemory& memory, Buffer& buffer) {
  if (descriptors_ == nullptr) return false;
  const auto waiting = static_cast<std::uint16_t>(offered_ - next_);
  if (waiting == 0) return false;
  if (waiting > size_)
    return hostile("offers " + std::to_string(waiting) + " buffers and has " + std::to_string(size_));
  buffer.head = load<std::uint16_t>(available_ + kRingHeaderBytes + 2 * (next_ & (size_ - 1)));
  buffer.parts.clear();
  std::uint16_t index = buffer.head;
  for (;;) {
    if (index >= size_) return hostile("names descriptor " + std::to_string(index) + " of " + std::to_string(size_));
    if (descriptors_left_ == 0) return hostile("has a loop of descriptors, or offers one twice");
    --descriptors_left_;
    const Descriptor descriptor(descriptors_ + kDescriptorBytes * index);
    if ((descriptor.flags & ~(kHasNext | kDeviceWrites)) != 0) return hostile("uses features that were not offered");
    std::byte* const bytes = memory.find(descriptor.address, descriptor.length);
    if (bytes == nullptr) return hostile("names a buffer outside its memory");
    buffer.parts.push_back({bytes, descriptor.length, (descriptor.flags & kDeviceWrites) != 0});
    if ((descriptor.flags & kHasNext) == 0) break;
    index = descriptor.next;
  }
  ++next_;
  return true;
}

void Vring::give_back(const Buffer& buffer, std::uint32_t written_bytes) {
  std::byte* const entry = used_ + kRingHeaderBytes + kUsedBytes * (given_ & (size_ - 1));
  store<std::uint32_t>(entry, buffer.head);
  store<std::uint32_t>(entry + 4, written_bytes);
  store<std::uint16_t>(used_ + 2, ++given_);
}

bool Vring::wants_interrupt() const { return ready() && (load<std::uint16_t>(available_) & kNoInterrupt) == 0; }

}  // namespace labreel
