// Initramfs: the archive that a guest's kernel unpacks before anything runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace labreel {

// Shape:  files in the order of their adding, owner root, time 0: same files, same bytes.
// Source: linux Documentation/driver-api/early-userspace/buffer-format.rst ("newc").
class Initramfs {
 public:
  void add_folder(std::string_view path) { add(path, 0040755, {}, 0, 0); }
  void add_file(std::string_view path, std::string_view content, bool runs) {
    add(path, runs ? 0100755 : 0100600, content, 0, 0);
  }
  void add_character_device(std::string_view path, std::uint32_t major, std::uint32_t minor) {
    add(path, 0020600, {}, major, minor);
  }
  void add_block_device(std::string_view path, std::uint32_t major, std::uint32_t minor) {
    add(path, 0060600, {}, major, minor);
  }
  // Ends the archive and gives it away.
  std::string take();

 private:
  void add(std::string_view path, std::uint32_t mode, std::string_view content, std::uint32_t major,
           std::uint32_t minor);
  std::string bytes_;
  std::uint32_t inode_ = 0;
};

}  // namespace labreel
