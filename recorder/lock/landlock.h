// Landlock: the kernel's own rules about names, which hold whatever system call uses the name.
#pragma once

#include <string>

namespace labreel {

struct LandlockResult {
  int abi = 0;          // of the kernel; 0 if nothing was restricted
  std::string missing;  // why
};

// Forbids this thread, and all that it starts, to write, make, remove, rename, link or run anything by its name, as far as the
// kernel's version of Landlock knows how; from version 4 on to bind and connect TCP ports, from 6 on to signal processes outside.
// Reading by name stays.
//
// Beneath `writable_folder`, if it is named, files and folders can still be made, written and removed.
//
// Shape: PR_SET_NO_NEW_PRIVS is set before. Source: linux/landlock.h; Documentation/userspace-api/landlock.rst.
LandlockResult restrict_names(const std::string& writable_folder = {});

}  // namespace labreel
