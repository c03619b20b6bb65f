// Which of the host's files guests read: without an image, what is in them is an input of the lab.
#pragma once

#include <set>
#include <string>

#include "engine/os/owned_fd.h"

namespace labreel {

// A file in memory that a guest's kernel writes the paths to that it opens on the host.
//
// Errors: std::system_error.
OwnedFd make_path_log();

// The paths in such a file, each once, without those that name no file. Folders and what `stat` says are not among them.
std::set<std::string> paths_in(const OwnedFd& log);

}  // namespace labreel
