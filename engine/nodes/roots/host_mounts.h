// The host's mounts that a node's root has to repeat.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labreel::roots {

// Reads this process's mounts, as text.
std::string own_mounts();

// Finds the mount points of real file systems (disks and network: a separate /usr, /var, /home) below the root.
//
// Shape:  `mountinfo` is what own_mounts returns; parents come before what is mounted on them. The root itself, pseudo
//         file systems, and what a node gets afresh (/proc /sys /dev /run /tmp and below) are left out.
// Source: proc(5), "mountinfo".
std::vector<std::string> real_mount_points(std::string_view mountinfo);

// Finds every mount point, whatever is mounted there.
std::vector<std::string> all_mount_points(std::string_view mountinfo);

bool is_at_or_below(std::string_view path, std::string_view folder);

}  // namespace labreel::roots
