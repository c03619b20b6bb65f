// The host's files that a virtual lab without an image read, as a host note of its reel.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "replay/event_source.h"

namespace labreel {

inline constexpr std::string_view kHostFilesNote = "host-files";

// Shape: a JSON object, from path to SHA-256; what is no file is left out. Bytes of a path that JSON or a reader of lines
//        would take for something else stand as %XX.
std::string describe_host_files(const std::set<std::string>& paths);

// Names the first few of those files that are not what they were when the lab ended, for a person; empty if all are.
std::string changed_host_files(const EventLog& log);

}  // namespace labreel
