// Files to be packed into a reel, and their packing.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "store/packed_files.h"

namespace labreel {

inline PackedFile file_of(const std::string& name, const std::string& content, std::uint32_t mode = 0644) {
  return {{name, mode, 1'700'000'000, content.size()}, content};
}

inline Result<std::size_t> pack(const std::string& reel, const std::vector<PackedFile>& files,
                                PackedBefore before = PackedBefore::refuse) {
  std::size_t at = 0;
  const auto next = [&](PackedFile& file) -> Result<bool> {
    if (at == files.size()) return false;
    file = files[at++];
    return true;
  };
  return pack_files(reel, next, before);
}

// What cannot be compressed.
inline std::string random_bytes(std::size_t count, unsigned seed) {
  std::mt19937 dice{seed};
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(dice());
  return bytes;
}

}  // namespace labreel
