// What a guest's root is made of: the host's files, or those of an image.
#pragma once

#include <string>

namespace labreel {

// Mounts the host's root, or the image of that name in place of it.
//
// Shape:  call it in the initramfs. Returns the folder that it is mounted at, read-only.
// Errors: std::system_error naming the attempt.
std::string mount_machine_files(const std::string& image);

}  // namespace labreel
