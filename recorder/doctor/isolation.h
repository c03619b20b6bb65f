// Isolation: namespaces of its own for a trial, so that what it makes is gone with it.
#pragma once

#include <string>

namespace labreel {

// Moves this process into a mount and a network namespace of its own; without root, or if wanted, in a user namespace.
// Errors: std::system_error naming the attempt.
void isolate(bool in_user_namespace = false);

// Returns an empty folder that only this process sees; call isolate() before.
std::string private_folder();

}  // namespace labreel
