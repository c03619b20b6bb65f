// The host's files that a virtual lab without an image read, as a host note of its reel.
#pragma once

#include <set>
#include <string>

#include "engine/core/event_log.h"
#include "engine/text/host_notes.h"

namespace labreel {

// Hashes each of these paths that is a file.
HostFilesNote hashes_of_host_files(const std::set<std::string>& paths);

// Names the first few of those files that are not what they were when the lab ended, for a person; empty if all are.
std::string changed_host_files(const EventLog& log);

}  // namespace labreel
