// The lock that whoever writes into a finished reel holds: one at a time.
#pragma once

#include <string>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// Locks a file that is there against all who ask for the lock, too. Nothing if someone else has it.
//
// Shape: `access` is O_RDONLY or O_RDWR. Errors: std::system_error.
OwnedFd lock_file(const std::string& path, int access);

// What is said of a reel that someone else has locked.
Error in_use(const std::string& path);

}  // namespace labreel
