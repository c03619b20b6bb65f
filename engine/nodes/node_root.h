// A node's own root: the host's files underneath, a private layer above, fresh system folders.
#pragma once

#include <string>
#include <vector>

#include "engine/nodes/node_spec.h"

namespace labreel {

// Makes this process's root the node's own.
//
// Shape:  call it as pid 1 of new mount, pid, uts and network namespaces. The host's root and its other real file
// systems
//         lie below overlays whose upper layers are in memory; /proc, /sys, /dev, /run and /tmp are fresh. /run has the
//         host's folders (daemons expect theirs, with its owner) but none of their files. /proc/sys is read-only
//         except /proc/sys/net, because the rest belongs to the host.
// Errors: std::system_error naming the attempt.
void enter_node_root(const std::string& node_name);

// Puts a lab's files in place.
//
// Shape:  a file that replaces another keeps the other's owner and mode (so that user frr can read frr.conf); a new one
//         gets its own mode and its folder's owner; missing folders get mode 755 and the owner of the folder above.
// Errors: std::system_error naming the path.
void place_files(const std::vector<NodeFile>& files);

}  // namespace labreel
