#include "engine/transports/vhost_user/guest_memory.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace labreel {
namespace {

constexpr std::uint64_t kRegionMax_bytes = std::uint64_t{1} << 40U;

Error refused(const std::string& what) { return Error{ErrorKind::lab, "the guest's memory " + what}; }

}  // namespace

GuestMemory& GuestMemory::operator=(GuestMemory&& other) noexcept {
  if (this != &other) {
    clear();
    regions_ = std::exchange(other.regions_, {});
  }
  return *this;
}

Status GuestMemory::map(std::uint64_t address, std::uint64_t size, std::uint64_t offset, const OwnedFd& file) {
  if (size == 0 || size > kRegionMax_bytes || offset > kRegionMax_bytes || address > ~std::uint64_t{0} - size) {
    return refused("has a region of impossible size");
  }
  for (const Region& region : regions_) {
    if (address < region.address + region.size && region.address < address + size)
      return refused("has overlapping regions");
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return refused("is not a file");
  if (static_cast<std::uint64_t>(facts.st_size) < offset + size) return refused("is longer than its file");
  // The offset need not be that of a page: map from the file's start, as virtio_uml's own peers do.
  const auto length = static_cast<std::size_t>(offset + size);
  void* const mapping = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapping == MAP_FAILED) return refused(std::string("cannot be mapped: ") + std::strerror(errno));
  regions_.push_back({address, size, static_cast<std::byte*>(mapping) + offset, mapping, length});
  return ok_status();
}

void GuestMemory::clear() {
  for (const Region& region : regions_) {
    if (region.mapping != nullptr) ::munmap(region.mapping, region.mapping_size);
  }
  regions_.clear();
}

std::byte* GuestMemory::find(std::uint64_t address, std::uint64_t length) const {
  for (const Region& region : regions_) {
    if (address < region.address) continue;
    const std::uint64_t within = address - region.address;
    if (within <= region.size && length <= region.size - within) return region.bytes + within;
  }
  return nullptr;
}

}  // namespace labreel
