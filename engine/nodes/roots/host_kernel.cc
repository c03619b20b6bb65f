#include "engine/nodes/roots/host_kernel.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel::roots {
namespace {

constexpr unsigned long kSystemFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

void make_read_only(const std::string& root, const std::string& path) {
  const std::string place = root + path;
  if (::access(place.c_str(), F_OK) != 0) return;
  mount_or_throw(path, place.c_str(), place, nullptr, MS_BIND);
  mount_or_throw(path + " read-only", nullptr, place, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | kSystemFlags);
}

// A file shows nothing then, and a folder is empty.
void mask(const std::string& root, const std::string& path) {
  const std::string place = root + path;
  struct stat facts {};
  if (::stat(place.c_str(), &facts) != 0) return;
  if (S_ISDIR(facts.st_mode)) {
    mount_or_throw("over " + path, "tmpfs", place, "tmpfs", kSystemFlags | MS_RDONLY, "size=4k,nr_inodes=1,mode=555");
  } else {
    mount_or_throw("over " + path, (root + "/dev/null").c_str(), place, nullptr, MS_BIND);
  }
}

}  // namespace

// Without a size each could take half of the host's memory. README.md says these.
HostKernel::HostKernel()
    : NodeKernel({.run = "size=64m,nr_inodes=20k",
                  .dev = "size=1m,nr_inodes=2k",
                  .shm = "size=64m,nr_inodes=20k",
                  .tmp = "size=256m,nr_inodes=100k"}) {}

Stage HostKernel::make_stage() const {
  mount_or_throw("/ private", nullptr, "/", nullptr, MS_REC | MS_PRIVATE);
  mount_or_throw("tmpfs", "labreel", "/tmp", "tmpfs", 0, std::string("mode=755,") + kLayerLimit);
  for (const char* folder : {"/tmp/root", "/tmp/layer"}) make_folder(folder, 0755);
  return {.root = "/tmp/root", .layer = "/tmp/layer"};
}

// EINVAL: an owner that a user namespace does not map.
void HostKernel::give_owner(const std::string& path, uid_t user, gid_t group) const {
  if (::chown(path.c_str(), user, group) != 0 && errno != EINVAL) checked("give " + path + " its owner", -1);
}

// In a user namespace no device can be made; the host's is shown instead, if it has it.
void HostKernel::make_device(const std::string& root, const DeviceFile& device) const {
  const std::string host_path = std::string("/dev/") + device.name;
  const std::string path = root + host_path;
  if (::mknod(path.c_str(), S_IFCHR | 0666U, makedev(device.major_number, device.minor_number)) == 0) return;
  if (errno != EPERM) checked("make device " + path, -1);
  if (::access(host_path.c_str(), F_OK) != 0) return;
  OwnedFd(checked("make " + path, ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)));
  mount_or_throw(host_path, host_path.c_str(), path, nullptr, MS_BIND);
}

// Terminals belong to group tty where that group is mapped.
void HostKernel::mount_terminals(const std::string& target) const {
  const std::string options = "newinstance,ptmxmode=0666,mode=620";
  if (::mount("devpts", target.c_str(), "devpts", MS_NOSUID | MS_NOEXEC, (options + ",gid=5").c_str()) == 0) return;
  mount_or_throw("/dev/pts", "devpts", target, "devpts", MS_NOSUID | MS_NOEXEC, options);
}

// What is the host's, and no namespace's: the places that container engines hide or lock, by the runtime specification
// of the Open Container Initiative. /proc/sys/net is the node's own.
void HostKernel::mount_proc_and_sys(const std::string& root) const {
  mount_or_throw("/proc", "proc", root + "/proc", "proc", kSystemFlags);
  for (const std::string path : {"asound", "bus", "fs", "irq", "mtrr", "sys", "sysrq-trigger"}) {
    make_read_only(root, "/proc/" + path);
  }
  for (const std::string path : {"acpi", "kcore", "keys", "kmsg", "kpagecgroup", "kpagecount", "kpageflags",
                                 "latency_stats", "sched_debug", "scsi", "timer_list", "timer_stats"}) {
    mask(root, "/proc/" + path);
  }
  const std::string net = root + "/proc/sys/net";
  mount_or_throw("/proc/sys/net", net.c_str(), net, nullptr, MS_BIND);
  mount_or_throw("/proc/sys/net writable", nullptr, net, nullptr, MS_REMOUNT | MS_BIND | kSystemFlags);
  mount_or_throw("/sys", "sysfs", root + "/sys", "sysfs", MS_RDONLY | kSystemFlags);
  for (const std::string path : {"dev/block", "devices/virtual/powercap", "firmware", "fs/selinux"}) {
    mask(root, "/sys/" + path);
  }
}

void HostKernel::turn_to(const std::string& root) const {
  checked("enter the node's root", ::chdir(root.c_str()));
  // With both arguments ".", the old root is left mounted over the new one, and is then taken off.
  checked("pivot_root", static_cast<int>(::syscall(SYS_pivot_root, ".", ".")));
  checked("unmount the host's root", ::umount2(".", MNT_DETACH));
  checked("enter the node's root", ::chdir("/"));
}

}  // namespace labreel::roots
