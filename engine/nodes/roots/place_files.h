// Files that are put into a root once it was entered, whatever it is made of.
#pragma once

#include <string>
#include <vector>

#include "engine/nodes/node_spec.h"

namespace labreel::roots {

// Gives this machine its host name, with /etc/hostname and /etc/hosts.
//
// Errors: std::system_error naming the attempt.
void name_node(const std::string& name);

// Puts a lab's files in place.
//
// Shape:  a file that replaces another keeps the other's owner and mode (so that user frr can read frr.conf); a new one
//         gets its own mode and its folder's owner; missing folders get mode 755 and the owner of the folder above.
// Errors: std::system_error naming the path.
void place_files(const std::vector<NodeFile>& files);

}  // namespace labreel::roots
