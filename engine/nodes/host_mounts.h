// The host's mounts that a node's root has to repeat.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labreel {

// Finds the mount points of real file systems (disks and network: a separate /usr, /var, /home) below the root.
//
// Shape:  `mountinfo` is the text of /proc/self/mountinfo; parents come before what is mounted on them. The root
// itself, pseudo
//         file systems, and what a node gets afresh (/proc /sys /dev /run /tmp and below) are left out.
// Source: proc(5), "mountinfo".
std::vector<std::string> real_mount_points(std::string_view mountinfo);

// Finds every mount point, whatever is mounted there.
std::vector<std::string> all_mount_points(std::string_view mountinfo);

bool is_at_or_below(std::string_view path, std::string_view folder);

// Writes a path as a value of overlayfs's mount options, where ',' ':' and '\' separate.
std::string overlay_option_path(std::string_view path);

}  // namespace labreel
