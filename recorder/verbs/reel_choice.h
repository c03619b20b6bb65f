// Which reel a verb reads, and how: from its file, or from the recorder that still writes it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "recorder/control/control_client.h"
#include "store/reel_reader.h"

namespace labreel {

// Returns the named reel, or the newest *.reel of the current folder. Throws VerbError if there is none.
std::string choose_reel(const std::string& named);

// Opens a reel; one that is being recorded is asked of its recorder. Locks this process down first (recorder/lock): afterwards it
// neither connects, nor starts programs, nor writes but what is open, and beneath `writable_folder` if one is named. Throws VerbError.
ReelReader open_reel(const std::string& path, const std::string& writable_folder = {});
// The same for files that were taken before.
ReelReader open_reel(const ReelFiles& files);
// The same for two reels at a time.
std::pair<ReelReader, ReelReader> open_reels(const std::string& a, const std::string& b);
// The same without the lock, for what goes on in a lab.
ReelReader open_reel_unlocked(const std::string& path);

// For what runs a lab of a reel: takes its files, once, so that what a person sees and trusts is what runs. Throws VerbError,
// also if it is being recorded.
ReelFiles take_to_run(const std::string& path);
// Opens them without the lock.
ReelReader open_to_run(const ReelFiles& files);

// Locks this process down before it reads a stranger's file by itself.
void lock_before_reading(const std::string& writable_folder = {});

// Connects to the recorder that writes this reel right now; nothing if none does. Throws VerbError.
std::optional<ControlClient> recorder_of(const std::string& path);

// Says on stderr how a reel that was not sealed ends, or where it is damaged; nothing for a whole one.
void warn_of_end(const std::string& path, const ReelReader& reel);

}  // namespace labreel
