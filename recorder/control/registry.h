// The registry of running labs: the folder where their sockets live, and what is in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "recorder/control/lab_socket.h"

namespace labreel {

// Returns the folder of the sockets: $LABREEL_RUN_DIR, else $XDG_RUNTIME_DIR/labreel, else /run/labreel for root, else
// /tmp/labreel-UID. An absolute path; nothing is made.
//
// Shape: an XDG_RUNTIME_DIR of another user is not taken: `sudo -E labreel run` and `sudo labreel ps` must look in the
//        same place.
std::string run_directory();

// Says whether a socket lies where a recorder of this user puts its own: in run_directory(), or where that is without
// LABREEL_RUN_DIR, and the folder is safe to keep sockets in. A ring beside a reel names a socket, and may be anybody's.
bool is_in_run_directory(const std::string& socket_path);

// Makes run_directory() with mode 0700, or checks the one that is there.
//
// Errors: Error{host} if it is a symbolic link, another user's, or open to others. Throws std::system_error if the OS
//         refuses.
Result<std::string> make_run_directory();

// Claims a lab's name in run_directory(); see LabSocket::claim.
Result<LabSocket> claim_lab(const std::string& lab);

struct RunningLab {
  std::string lab;
  std::string socket;    // absolute path
  std::int64_t pid = 0;  // of the recorder; 0 if it is too busy to say
};

// Returns the labs that run now, ordered by name; sockets of dead recorders are removed.
//
// Errors: as make_run_directory(); no folder at all means no labs.
Result<std::vector<RunningLab>> running_labs();

// Returns the lab of that name, or the only one that runs.
//
// Errors: Error{usage}: no lab is running; several are, and none was named; none of that name (did you mean …?).
Result<RunningLab> find_lab(const std::optional<std::string>& name = std::nullopt);

}  // namespace labreel
