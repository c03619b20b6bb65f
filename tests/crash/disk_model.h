// DiskModel: what one file may look like after the power went, if only synced sectors are sure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace labreel {

// The cache of one file and, for each of its sectors, all that the disk may hold.
//
// Shape: a write may reach the disk at any time or never, whole or torn at any byte of a sector, and later writes before
//        earlier ones. A sync makes what was written since the last sync sure. A failed sync does not, and what it failed
//        to write is never tried again: it stays unsure until it is written anew (as Linux does).
class DiskModel {
 public:
  void write(std::uint64_t at, std::string_view bytes);
  void truncate(std::uint64_t size);
  void sync();
  void fail_sync();
  // The file is gone from its folder, for sure.
  void remove();

  // One of the files that may be found after the power went, or nothing if it may not be there and is not.
  std::string after_cut(std::mt19937_64& draw) const;
  bool exists() const { return exists_; }

 private:
  static constexpr std::uint64_t kSector_bytes = 512;
  using Content = std::array<char, kSector_bytes>;
  struct Sector {
    Content cache{};
    std::vector<Content> possible;  // besides `nothing`
    bool may_be_unwritten = true;   // never yet synced: zeros, or whatever lay there before
    bool is_dirty = false;
  };

  std::map<std::uint64_t, Sector> sectors_;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> possible_sizes_{0};  // besides size_
  bool exists_ = false;
};

}  // namespace labreel
