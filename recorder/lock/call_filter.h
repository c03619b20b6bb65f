// The filter of system calls (seccomp): a list of what a reader needs, and nothing else.
#pragma once

#include <string>

namespace labreel {

// Lets this process, all its threads, and what it starts make only the calls on the list. Returns why it could not be set; empty
// if it is.
//
// Shape: opening a name for writing fails with EPERM, since libraries try that and go on without. What no reader of ours has a reason to do
//        (unlink, rename, execve, connect, io_uring …) ends the process at once, with a word on stderr and kExitByLock: a bug
//        of ours would otherwise stay unseen. Any other call is answered as by a kernel that does not have it, so that a newer C library takes
//        the older way.
// `names`: whether names are Landlock's business, and calls that make, write and remove them are let through to it.
enum class NameCalls { refused, left_to_landlock };
std::string filter_calls(NameCalls names = NameCalls::refused);

// The exit code of a process that the filter ended: its input cannot be trusted (ARCHITECTURE.md, "Commands").
inline constexpr int kExitByLock = 3;

}  // namespace labreel
