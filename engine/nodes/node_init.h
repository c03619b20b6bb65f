// A node's init: pid 1 of its namespaces, which it sets up, serves and takes down with itself.
#pragma once

#include <sys/resource.h>

#include <string_view>

#include "engine/nodes/roots/root.h"

namespace labreel {

// How a stopped node's init exits, for the spawner to tell.
enum class InitExit : int { done = 0, failed = 1, grace_over = 2, crashed = 3 };

// Runs as pid 1 of a new pid namespace; makes the other namespaces itself, so that nodes start side by side.
//
// Shape: `socket` leads to the spawner: requests come in, answers go out; when it closes, the node ends. `spec_body` is
//        encode_spec's; `files_limit` is the limit of open files that the node's processes get; `root` is what it
//        enters.
[[noreturn]] void run_node_init(int socket, std::string_view spec_body, const rlimit& files_limit,
                                const roots::Root& root);

}  // namespace labreel
