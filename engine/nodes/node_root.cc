#include "engine/nodes/node_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "engine/nodes/dev_files.h"
#include "engine/nodes/host_mounts.h"
#include "engine/nodes/node_root_parts.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {

namespace node_root_parts {

const std::string kRoot = "/tmp/root";
const std::string kLayerSize = "size=1g,nr_inodes=200k";

void mount_or_throw(const std::string& attempt, const char* source, const std::string& target, const char* type,
                    unsigned long flags, const std::string& data) {
  checked("mount " + attempt, ::mount(source, target.c_str(), type, flags, data.empty() ? nullptr : data.c_str()));
}

void make_folder(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) checked("make folder " + path, -1);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace node_root_parts

using namespace node_root_parts;

namespace {

// Where the layers are mounted until the root is turned; the node sees a fresh /tmp of its own instead.
const std::string kStage = "/tmp";

// Without a size each could take half of the host's memory. README.md says these.
const std::string kTmpSize = "size=256m,nr_inodes=100k";
const std::string kRunSize = "size=64m,nr_inodes=20k";
const std::string kShmSize = "size=64m,nr_inodes=20k";
const std::string kDevSize = "size=1m,nr_inodes=2k";

void mount_overlay(const std::string& lower, const std::string& layer, const std::string& target) {
  make_folder(layer, 0755);
  make_folder(layer + "/upper", 0755);
  make_folder(layer + "/work", 0755);
  mount_or_throw("overlay", "labreel", target, "overlay", 0,
                 "lowerdir=" + overlay_option_path(lower) + ",upperdir=" + layer + "/upper,workdir=" + layer + "/work");
}

// Some file systems cannot lie under an overlay (vfat, some network ones): those are shown read-only.
void show_mount(const std::string& point, const std::string& layer) {
  struct stat facts {};
  if (::stat(point.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return;
  const std::string target = kRoot + point;
  if (::stat(target.c_str(), &facts) != 0) return;  // below a mount that is not shown
  try {
    mount_overlay(point, layer, target);
  } catch (const std::system_error&) {
    mount_or_throw(point, point.c_str(), target, nullptr, MS_BIND);
    mount_or_throw(point + " read-only", nullptr, target, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY);
  }
}

void make_run(const std::vector<RunFolder>& folders) {
  mount_or_throw("/run", "tmpfs", kRoot + "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755," + kRunSize);
  for (const auto& folder : folders) {
    const std::string path = kRoot + "/run/" + folder.name;
    make_folder(path, 0755);
    // EINVAL: an owner that a user namespace does not map.
    if (::chown(path.c_str(), folder.user, folder.group) != 0 && errno != EINVAL)
      checked("give " + path + " its owner", -1);
    checked("give " + path + " its mode", ::chmod(path.c_str(), folder.mode));
  }
}

// In a user namespace no device can be made; the host's is shown instead, if it has it.
void make_device(const std::string& dev, const DeviceFile& device) {
  const std::string path = dev + "/" + device.name;
  if (::mknod(path.c_str(), S_IFCHR | 0666U, makedev(device.major_number, device.minor_number)) == 0) return;
  const std::string host_path = path.substr(kRoot.size());
  if (errno != EPERM) checked("make device " + path, -1);
  if (::access(host_path.c_str(), F_OK) != 0) return;
  OwnedFd(checked("make " + path, ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)));
  mount_or_throw(host_path, host_path.c_str(), path, nullptr, MS_BIND);
}

// Terminals belong to group tty where that group is mapped.
void mount_devpts(const std::string& target) {
  const std::string options = "newinstance,ptmxmode=0666,mode=620";
  if (::mount("devpts", target.c_str(), "devpts", MS_NOSUID | MS_NOEXEC, (options + ",gid=5").c_str()) == 0) return;
  mount_or_throw("/dev/pts", "devpts", target, "devpts", MS_NOSUID | MS_NOEXEC, options);
}

void make_dev() {
  const std::string dev = kRoot + "/dev";
  mount_or_throw("/dev", "tmpfs", dev, "tmpfs", MS_NOSUID, "mode=755," + kDevSize);
  for (const DeviceFile& device : kDeviceFiles) make_device(dev, device);
  make_folder(dev + "/net", 0755);
  make_device(dev, kTunDevice);
  make_folder(dev + "/pts", 0755);
  mount_devpts(dev + "/pts");
  make_folder(dev + "/shm", 01777);
  mount_or_throw("/dev/shm", "tmpfs", dev + "/shm", "tmpfs", MS_NOSUID | MS_NODEV,
                 "mode=1777," + kShmSize);
  for (const auto& [name, target] : kDeviceLinks) {
    checked("link " + dev + "/" + name, ::symlink(target, (dev + "/" + name).c_str()));
  }
}

constexpr unsigned long kSystemFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

void make_read_only(const std::string& path) {
  const std::string place = kRoot + path;
  if (::access(place.c_str(), F_OK) != 0) return;
  mount_or_throw(path, place.c_str(), place, nullptr, MS_BIND);
  mount_or_throw(path + " read-only", nullptr, place, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | kSystemFlags);
}

// A file shows nothing then, and a folder is empty.
void mask(const std::string& path) {
  const std::string place = kRoot + path;
  struct stat facts {};
  if (::stat(place.c_str(), &facts) != 0) return;
  if (S_ISDIR(facts.st_mode)) {
    mount_or_throw("over " + path, "tmpfs", place, "tmpfs", kSystemFlags | MS_RDONLY, "size=4k,nr_inodes=1,mode=555");
  } else {
    mount_or_throw("over " + path, (kRoot + "/dev/null").c_str(), place, nullptr, MS_BIND);
  }
}

// What is the host's, and no namespace's: the places that container engines hide or lock, by the runtime specification of the
// Open Container Initiative. /proc/sys/net is the node's own.
void make_proc_and_sys() {
  mount_or_throw("/proc", "proc", kRoot + "/proc", "proc", kSystemFlags);
  for (const std::string path : {"asound", "bus", "fs", "irq", "mtrr", "sys", "sysrq-trigger"}) {
    make_read_only("/proc/" + path);
  }
  for (const std::string path : {"acpi", "kcore", "keys", "kmsg", "kpagecgroup", "kpagecount", "kpageflags",
                                 "latency_stats", "sched_debug", "scsi", "timer_list", "timer_stats"}) {
    mask("/proc/" + path);
  }
  const std::string net = kRoot + "/proc/sys/net";
  mount_or_throw("/proc/sys/net", net.c_str(), net, nullptr, MS_BIND);
  mount_or_throw("/proc/sys/net writable", nullptr, net, nullptr, MS_REMOUNT | MS_BIND | kSystemFlags);
  mount_or_throw("/sys", "sysfs", kRoot + "/sys", "sysfs", MS_RDONLY | kSystemFlags);
  for (const std::string path : {"dev/block", "devices/virtual/powercap", "firmware", "fs/selinux"}) {
    mask("/sys/" + path);
  }
}

void turn_root() {
  checked("enter the node's root", ::chdir(kRoot.c_str()));
  // With both arguments ".", the old root is left mounted over the new one, and is then taken off.
  checked("pivot_root", static_cast<int>(::syscall(SYS_pivot_root, ".", ".")));
  checked("unmount the host's root", ::umount2(".", MNT_DETACH));
  checked("enter the node's root", ::chdir("/"));
}

}  // namespace

// The folders of the host's /run. Those that would make programs believe that a service of the host runs here stay out.
std::vector<RunFolder> host_run_folders() {
  constexpr std::array<std::string_view, 7> left_out{"systemd",    "user",  "udev",   "docker",
                                                     "containerd", "netns", "labreel"};
  std::vector<RunFolder> folders;
  DIR* run = ::opendir("/run");
  if (run == nullptr) return folders;
  while (const dirent* entry = ::readdir(run)) {
    const std::string name = entry->d_name;
    struct stat facts {};
    if (name == "." || name == "..") continue;
    if (std::find(left_out.begin(), left_out.end(), name) != left_out.end()) continue;
    if (::fstatat(::dirfd(run), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(facts.st_mode)) continue;
    folders.push_back({name, facts.st_uid, facts.st_gid, facts.st_mode & 07777U});
  }
  ::closedir(run);
  return folders;
}

void enter_node_root() {
  const auto mounts = real_mount_points(read_text("/proc/self/mountinfo"));
  const auto run_folders = host_run_folders();
  ::umask(0);
  mount_or_throw("/ private", nullptr, "/", nullptr, MS_REC | MS_PRIVATE);
  mount_or_throw("tmpfs", "labreel", kStage, "tmpfs", 0, "mode=755," + kLayerSize);
  make_folder(kRoot, 0755);
  mount_overlay("/", kStage + "/layer", kRoot);
  std::size_t layer = 0;
  for (const auto& point : mounts) show_mount(point, kStage + "/layer" + std::to_string(++layer));
  node_root_parts::finish_root(run_folders);
}

void node_root_parts::finish_root(const std::vector<RunFolder>& run_folders) {
  make_run(run_folders);
  make_dev();
  make_proc_and_sys();
  mount_or_throw("/tmp", "tmpfs", kRoot + "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777," + kTmpSize);
  turn_root();
  ::umask(022);
}

}  // namespace labreel
