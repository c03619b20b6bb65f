// The spawner's own process: starts nodes, passes messages between the engine and their inits, reports deaths.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

namespace labreel {

// Shape: call it in the forked process; `socket` leads to the engine, whose process is `engine`; when it closes, every
//        node is killed. `files_limit` is what the nodes' processes get.
[[noreturn]] void run_spawner_process(int socket, pid_t engine, const rlimit& files_limit);

}  // namespace labreel
