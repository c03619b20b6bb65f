// Detaching: a recorder that goes on, in a session of its own, when the command that started it has returned.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "engine/core/result.h"

namespace labreel {

// Runs `record` in a new process and returns when that has called its argument: the lab runs. Returns its pid.
//
// Shape:  call it before any thread exists. What the recorder says goes into the file `log`; its stdin and stdout are
//         /dev/null. If we are gone by the time it calls, the recorder is told to end as by SIGTERM.
// Errors: what `record` threw before it called; `log` is removed then. Throws std::system_error if there is no process.
Result<pid_t> start_detached(const std::string& log,
                             const std::function<int(const std::function<void()>& runs)>& record);

}  // namespace labreel
