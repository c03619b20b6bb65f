// GuestMemory: a guest's memory as it shares it with its devices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: a few regions of guest addresses, each a piece of a file that the guest made. An address is looked up anew
// each
//        time: nothing that the guest writes can move us outside its regions.
class GuestMemory {
 public:
  GuestMemory() = default;
  ~GuestMemory() { clear(); }
  GuestMemory(GuestMemory&& other) noexcept : regions_(std::move(other.regions_)) { other.regions_.clear(); }
  GuestMemory& operator=(GuestMemory&& other) noexcept;

  // Maps `size` bytes of a file from `offset` on, which the guest sees at `address`.
  //
  // Errors: a region that overlaps another, is longer than its file, or that cannot be mapped.
  Status map(std::uint64_t address, std::uint64_t size, std::uint64_t offset, const OwnedFd& file);
  // Shows memory of our own as a region, for tests.
  void show(std::uint64_t address, std::span<std::byte> bytes) {
    regions_.push_back({address, bytes.size(), bytes.data(), nullptr, 0});
  }
  void clear();

  // Returns where `length` bytes at a guest address lie, or null if they are not all within one region.
  std::byte* find(std::uint64_t address, std::uint64_t length) const;

 private:
  struct Region {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::byte* bytes = nullptr;
    void* mapping = nullptr;
    std::size_t mapping_size = 0;
  };
  std::vector<Region> regions_;
};

}  // namespace labreel
