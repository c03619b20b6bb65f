#include "disk_model.h"

#include <algorithm>

namespace labreel {

void DiskModel::write(std::uint64_t at, std::string_view bytes) {
  exists_ = true;
  if (at + bytes.size() > size_) {
    possible_sizes_.push_back(size_);
    size_ = at + bytes.size();
  }
  while (!bytes.empty()) {
    Sector& sector = sectors_[at / kSector_bytes];
    const std::uint64_t from = at % kSector_bytes;
    const std::uint64_t count = std::min<std::uint64_t>(kSector_bytes - from, bytes.size());
    std::copy_n(bytes.data(), count, sector.cache.begin() + static_cast<std::ptrdiff_t>(from));
    sector.possible.push_back(sector.cache);
    sector.is_dirty = true;
    at += count;
    bytes.remove_prefix(count);
  }
}

void DiskModel::truncate(std::uint64_t size) {
  exists_ = true;
  if (size == size_) return;
  possible_sizes_.push_back(size_);
  size_ = size;
  const std::uint64_t kept = (size + kSector_bytes - 1) / kSector_bytes;
  sectors_.erase(sectors_.lower_bound(kept), sectors_.end());
}

void DiskModel::sync() {
  exists_ = true;
  for (auto& [number, sector] : sectors_) {
    if (!sector.is_dirty) continue;
    sector.possible = {sector.cache};
    sector.may_be_unwritten = false;
    sector.is_dirty = false;
  }
  possible_sizes_.clear();
}

void DiskModel::fail_sync() {
  for (auto& [number, sector] : sectors_) sector.is_dirty = false;
}

void DiskModel::remove() { *this = DiskModel{}; }

std::string DiskModel::after_cut(std::mt19937_64& draw) const {
  std::uint64_t size = size_;
  if (!possible_sizes_.empty() && draw() % 2 == 0) size = possible_sizes_[draw() % possible_sizes_.size()];
  std::string file(size, '\0');
  // How much of what was unsure the disk got, from nearly nothing to nearly all.
  const std::uint64_t luck = draw() % 101;
  for (const auto& [number, sector] : sectors_) {
    const std::uint64_t at = number * kSector_bytes;
    if (at >= size) break;
    Content found{};
    if (!sector.may_be_unwritten) {
      found = sector.possible.front();
    } else if (draw() % 4 == 0) {
      std::generate(found.begin(), found.end(), [&] { return static_cast<char>(draw()); });
    }
    const bool is_sure = !sector.may_be_unwritten && sector.possible.size() == 1;
    if (!is_sure && draw() % 100 < luck) {
      const Content& newer = sector.possible[draw() % sector.possible.size()];
      // One in eight is torn.
      const std::uint64_t torn_at = draw() % 8 == 0 ? draw() % kSector_bytes : kSector_bytes;
      std::copy_n(newer.begin(), torn_at, found.begin());
    }
    std::copy_n(found.begin(), std::min<std::uint64_t>(kSector_bytes, size - at), file.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return file;
}

}  // namespace labreel
