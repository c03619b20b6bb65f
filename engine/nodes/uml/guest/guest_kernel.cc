#include "engine/nodes/uml/guest/guest_kernel.h"

#include <sys/mount.h>
#include <unistd.h>

#include "engine/os/system_call.h"

namespace labreel {

using roots::mount_or_throw;

roots::Stage GuestKernel::make_stage() const {
  for (const char* folder : {"/layer", "/root"}) roots::make_folder(folder, 0755);
  mount_or_throw("/layer", "tmpfs", "/layer", "tmpfs", 0, "mode=755");
  return {.root = "/root", .layer = "/layer"};
}

std::vector<roots::DeviceFile> GuestKernel::more_devices() const { return {{"console", 5, 1}, {"hvc0", 229, 0}}; }

void GuestKernel::mount_terminals(const std::string& target) const {
  mount_or_throw("/dev/pts", "devpts", target, "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=620,gid=5");
}

void GuestKernel::mount_proc_and_sys(const std::string& root) const {
  mount_or_throw("/proc", "proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mount_or_throw("/sys", "sysfs", root + "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC);
}

// The initramfs cannot be pivoted away from: the new root is moved over it.
void GuestKernel::turn_to(const std::string& root) const {
  checked("enter the machine's root", ::chdir(root.c_str()));
  checked("move the machine's root", ::mount(".", "/", nullptr, MS_MOVE, nullptr));
  checked("enter the machine's root", ::chroot("."));
  checked("enter the machine's root", ::chdir("/"));
}

}  // namespace labreel
