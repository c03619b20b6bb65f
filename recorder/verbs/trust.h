// Trust: what a reel would have run on this host is shown, and a person asked, before any of it runs.
#pragma once

#include "store/reel_files.h"

namespace labreel {

// Whose commands run.
enum class RunsOf {
  packed_lab,    // of the lab file packed in the reel
  recorded_lab,  // of the lab that was recorded, with what was typed while it ran
};

// How a person said so.
enum class Trust {
  none,
  given,     // by --trust, where that is all it says
  by_level,  // by --trust of `verify`, which also chooses the level: on a terminal it still asks
};

// Returns if the reel may be run: shows what it has run, and asks on a terminal; elsewhere --trust must be given.
//
// Shape: reads the reel in a locked child. Whoever runs it afterwards runs it from the same files: under its name there may
//        be another reel by then. To be called before any thread. Throws VerbError: what makes the reel no lab that can be
//        run; a no; no terminal and no --trust.
void require_trust(const ReelFiles& reel, RunsOf what, Trust trust);

}  // namespace labreel
