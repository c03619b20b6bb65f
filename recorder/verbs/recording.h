// What the verbs that record a lab share: their words, and how a recording ends.
#pragma once

#include <string>

#include "recorder/session/lab_session.h"
#include "store/reel_rewrite.h"
#include "store/reel_writer.h"

namespace labreel {

// Says something to the person at the terminal.
void say(const std::string& words);

// Throws VerbError if there is a file already: a recording never replaces one.
void refuse_existing(const std::string& path);

// Throws VerbError if the lab's nodes are more than this host can bear; called before anything of the lab starts.
void refuse_too_large(const LabFile& file);

// Seals a reel, and makes it small. Errors: what fails of the first shows in reel.state(); of the second it is said.
void seal_reel(ReelWriter& reel, const std::string& path, Pages pages = Pages::as_they_are);

// Says how the lab ended and what to do with its reel, which was sealed.
//
// Shape: `path` is absolute, `shown` as the person named it; returns the exit code.
// Errors: throws VerbError if the lab failed, or its reel could not be finished.
int finish_recording(const ReelWriter& reel, const std::string& path, const std::string& shown, SessionEnd end,
                     const LabStatus& status);

}  // namespace labreel
