// export -o NAME.html: the page and the recording in one file that any browser opens.
#pragma once

#include <string>

#include "replay/byte_sink.h"
#include "store/reel_reader.h"

namespace labreel {

// Writes it, says what it is, and returns the exit code. `path` is the reel's, `at` where the page opens (a position; empty: at the start).
//
// Shape:  what can be read of a damaged reel is in it, and the page says where it ends; the exit code is that of damage then.
// Errors: throws VerbError for a position that is not there, a recording without events, or one too long for a browser.
int export_html(const ReelReader& reel, const std::string& path, const std::string& at, const std::string& output, ByteSink& sink);

}  // namespace labreel
