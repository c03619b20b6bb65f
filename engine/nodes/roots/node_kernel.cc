#include "engine/nodes/roots/node_kernel.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/os/system_call.h"

namespace labreel::roots {
namespace {

void mount_memory(const std::string& path, const std::string& target, unsigned long flags, const std::string& mode,
                  const std::string& limit) {
  mount_or_throw(path, "tmpfs", target, "tmpfs", flags, "mode=" + mode + (limit.empty() ? "" : "," + limit));
}

}  // namespace

void NodeKernel::give_owner(const std::string& path, uid_t user, gid_t group) const {
  checked("give " + path + " its owner", ::chown(path.c_str(), user, group));
}

void NodeKernel::fill_run(const std::string& root, const std::vector<RunFolder>& folders) const {
  for (const auto& folder : folders) {
    const std::string path = root + "/run/" + folder.name;
    make_folder(path, 0755);
    give_owner(path, folder.user, folder.group);
    checked("give " + path + " its mode", ::chmod(path.c_str(), folder.mode));
  }
}

void NodeKernel::make_device(const std::string& root, const DeviceFile& device) const {
  const std::string path = root + "/dev/" + device.name;
  checked("make device " + path,
          ::mknod(path.c_str(), S_IFCHR | 0666U, makedev(device.major_number, device.minor_number)));
}

void NodeKernel::make_dev(const std::string& root) const {
  const std::string dev = root + "/dev";
  mount_memory("/dev", dev, MS_NOSUID, "755", limits_.dev);
  for (const DeviceFile& device : kDeviceFiles) make_device(root, device);
  for (const DeviceFile& device : more_devices()) make_device(root, device);
  make_folder(dev + "/net", 0755);
  make_device(root, kTunDevice);
  make_folder(dev + "/pts", 0755);
  mount_terminals(dev + "/pts");
  make_folder(dev + "/shm", 01777);
  mount_memory("/dev/shm", dev + "/shm", MS_NOSUID | MS_NODEV, "1777", limits_.shm);
  for (const auto& [name, target] : kDeviceLinks) {
    checked("link " + dev + "/" + name, ::symlink(target, (dev + "/" + name).c_str()));
  }
}

void NodeKernel::finish(const std::string& root,
                        const std::function<std::vector<RunFolder>()>& list_run_folders) const {
  mount_memory("/run", root + "/run", MS_NOSUID | MS_NODEV, "755", limits_.run);
  fill_run(root, list_run_folders());
  make_dev(root);
  mount_proc_and_sys(root);
  mount_memory("/tmp", root + "/tmp", MS_NOSUID | MS_NODEV, "1777", limits_.tmp);
  turn_to(root);
  ::umask(022);
}

}  // namespace labreel::roots
