#include "engine/nodes/roots/host_root.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <system_error>

#include "engine/nodes/roots/host_kernel.h"
#include "engine/nodes/roots/host_mounts.h"

namespace labreel::roots {
namespace {

// Some file systems cannot lie under an overlay (vfat, some network ones): those are shown read-only.
void show_mount(const std::string& point, const std::string& layer, const std::string& root) {
  struct stat facts {};
  if (::stat(point.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return;
  const std::string target = root + point;
  if (::stat(target.c_str(), &facts) != 0) return;  // below a mount that is not shown
  try {
    make_folder(layer, 0755);
    make_layer(layer);
    mount_overlay(point, layer, target);
  } catch (const std::system_error&) {
    mount_or_throw(point, point.c_str(), target, nullptr, MS_BIND);
    mount_or_throw(point + " read-only", nullptr, target, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY);
  }
}

}  // namespace

void HostRoot::enter(const std::vector<NodeFile>& /*files*/) const {
  const auto mounts = real_mount_points(own_mounts());
  const HostKernel kernel;
  ::umask(0);
  const Stage stage = kernel.make_stage();
  make_layer(stage.layer);
  mount_overlay("/", stage.layer, stage.root);
  std::size_t layer = 0;
  for (const auto& point : mounts) show_mount(point, stage.layer + std::to_string(++layer), stage.root);
  kernel.finish(stage.root, [] { return run_folders_in("/run"); });
}

}  // namespace labreel::roots
