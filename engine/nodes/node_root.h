// A node's own root: the host's files underneath, a private layer above, fresh system folders.
#pragma once

namespace labreel {

// Makes this process's root the node's own.
//
// Shape:  call it as pid 1 of new mount, pid, uts and network namespaces. The host's root and its other real file
// systems
//         lie below overlays whose upper layers are in memory; /proc, /sys, /dev, /run and /tmp are fresh. /run has the
//         host's folders (daemons expect theirs, with its owner) but none of their files. /proc/sys is read-only
//         except /proc/sys/net, because the rest belongs to the host.
// Errors: std::system_error naming the attempt.
void enter_node_root();

}  // namespace labreel
