// Starting a command inside a node.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace labreel {

// Forks a process that runs `argv` in a session of its own, with stdin /dev/null, cwd / and a small environment.
//
// Shape:  if the program cannot be run, the process says why on stderr and exits with 127 (not found) or 126, as a
// shell's.
// Errors: std::system_error if there can be no new process.
pid_t start_exec(const std::vector<std::string>& argv, int stdout_fd, int stderr_fd, const std::string& host_name,
                 const rlimit& files_limit);

// The same on a terminal of its own, `terminal` being its slave side.
pid_t start_on_terminal(const std::vector<std::string>& argv, int terminal, const std::string& host_name,
                        const rlimit& files_limit);

// Kills every process of the session that the exec's main process leads, whatever process groups a shell made in it.
void kill_session(pid_t leader);

}  // namespace labreel
