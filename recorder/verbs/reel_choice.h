// Which reel a verb reads, and how: from its file, or from the recorder that still writes it.
#pragma once

#include <optional>
#include <string>

#include "recorder/control/control_client.h"
#include "store/reel_reader.h"

namespace labreel {

// Returns the named reel, or the newest *.reel of the current folder. Throws VerbError if there is none.
std::string choose_reel(const std::string& named);

// Opens a reel; one that is being recorded is asked of its recorder. Throws VerbError.
ReelReader open_reel(const std::string& path);

// Connects to the recorder that writes this reel right now; nothing if none does. Throws VerbError.
std::optional<ControlClient> recorder_of(const std::string& path);

// Says on stderr how a reel that was not sealed ends, or where it is damaged; nothing for a whole one.
void warn_of_end(const std::string& path, const ReelReader& reel);

}  // namespace labreel
