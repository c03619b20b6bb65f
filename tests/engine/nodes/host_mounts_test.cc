#include "engine/nodes/roots/host_mounts.h"

#include <catch2/catch.hpp>

#include "engine/nodes/roots/root_parts.h"

namespace labreel::roots {

TEST_CASE("disks and network shares below the root are found, in order", "[nodes]") {
  const auto points = real_mount_points(
      "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
      "28 27 254:1 / /usr rw,relatime shared:1 - ext4 /dev/vdb rw\n"
      "29 28 254:2 / /usr/local rw,relatime shared:2 master:1 - btrfs /dev/vdc rw\n"
      "30 27 0:50 / /home rw,relatime - nfs4 server:/home rw\n");
  CHECK(points == std::vector<std::string>{"/usr", "/usr/local", "/home"});
}

TEST_CASE("pseudo file systems and what a node gets afresh are left out", "[nodes]") {
  CHECK(real_mount_points("22 27 0:21 / /proc rw - proc proc rw\n"
                          "23 27 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
                          "24 27 8:1 / /tmp rw - ext4 /dev/sda1 rw\n"
                          "25 27 8:2 / /run/media/disk rw - vfat /dev/sda2 rw\n"
                          "26 27 0:9 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n"
                          "26 27 0:9 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n")
            .empty());
  CHECK(real_mount_points("24 27 8:1 / /tmpfiles rw - ext4 /dev/sda1 rw\n") == std::vector<std::string>{"/tmpfiles"});
}

TEST_CASE("a mount covers what was mounted there or below before it", "[nodes]") {
  CHECK(real_mount_points("28 27 8:1 / /srv rw - ext4 /dev/sda1 rw\n"
                          "29 28 8:2 / /srv/data rw - ext4 /dev/sda2 rw\n"
                          "30 27 8:3 / /srv rw - xfs /dev/sda3 rw\n") == std::vector<std::string>{"/srv"});
  CHECK(real_mount_points("28 27 8:1 / /srv rw - ext4 /dev/sda1 rw\n30 27 0:3 / /srv rw - tmpfs none rw\n").empty());
}

TEST_CASE("escaped and broken lines of mountinfo are read safely", "[nodes]") {
  CHECK(real_mount_points("28 27 8:1 / /my\\040disk\\134 rw - ext4 /dev/sda1 rw\n") ==
        std::vector<std::string>{"/my disk\\"});
  CHECK(real_mount_points("").empty());
  CHECK(real_mount_points("28 27 8:1 / /srv rw\n- - -\n\n28\n").empty());
}

TEST_CASE("separators in a path are escaped for overlay options", "[nodes]") {
  CHECK(overlay_option_path("/a:b,c\\d") == "/a\\:b\\,c\\\\d");
}

}  // namespace labreel::roots
