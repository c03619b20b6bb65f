#include "engine/nodes/uml/initramfs.h"

#include <fmt/format.h>

#include <utility>

namespace labreel {
namespace {

void pad_to_word(std::string& bytes) { bytes.resize((bytes.size() + 3) / 4 * 4, '\0'); }

}  // namespace

void Initramfs::add(std::string_view path, std::uint32_t mode, std::string_view content, std::uint32_t major,
                    std::uint32_t minor) {
  constexpr std::uint32_t kOwner = 0, kGroup = 0, kLinks = 1, kTime = 0, kDevice = 0, kChecksum = 0;
  bytes_ += fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}",
                        ++inode_, mode, kOwner, kGroup, kLinks, kTime, content.size(), kDevice, kDevice, major, minor,
                        path.size() + 1, kChecksum);
  bytes_ += path;
  bytes_ += '\0';
  pad_to_word(bytes_);
  bytes_ += content;
  pad_to_word(bytes_);
}

std::string Initramfs::take() {
  add("TRAILER!!!", 0, {}, 0, 0);
  return std::exchange(bytes_, {});
}

}  // namespace labreel
