// The guest's root: the host's files underneath, a private layer above, fresh system folders.
#pragma once

#include <string>
#include <vector>

namespace labreel {

// Makes the host's files, under a layer in memory, this machine's root.
//
// Shape:  call it as pid 1 in the initramfs. The host's root lies read-only under an overlay; /proc, /sys, /dev, /run
//         and /tmp are fresh; /run has the host's folders but none of its files, as a namespace node's has. A folder
//         on the way to one of `files` that the user of the host may not read (/etc/frr, for one) is an empty one of
//         the same owner. With the name of an image, its files take the place of the host's.
// Errors: std::system_error naming the attempt.
void enter_machine_root(const std::vector<std::string>& files, const std::string& image);

}  // namespace labreel
