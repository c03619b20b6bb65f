#include "engine/nodes/uml/guest/machine_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nodes/dev_files.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

const std::string kHost = "/host";
const std::string kImage = "/squashfs";
const std::string kRoot = "/root";
const std::string kUpper = "/layer/upper";

void mount_or_throw(const char* source, const std::string& target, const char* type, unsigned long flags,
                    const std::string& data = {}) {
  checked("mount " + target, ::mount(source, target.c_str(), type, flags, data.empty() ? nullptr : data.c_str()));
}

void make_folder(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) checked("make folder " + path, -1);
}

void make_device(const std::string& dev, const DeviceFile& device) {
  const std::string path = dev + "/" + device.name;
  checked("make device " + path,
          ::mknod(path.c_str(), S_IFCHR | 0666U, makedev(device.major_number, device.minor_number)));
}

void make_dev() {
  const std::string dev = kRoot + "/dev";
  mount_or_throw("tmpfs", dev, "tmpfs", MS_NOSUID, "mode=755");
  for (const DeviceFile& device : kDeviceFiles) make_device(dev, device);
  make_device(dev, {"console", 5, 1});
  make_device(dev, {"hvc0", 229, 0});
  make_folder(dev + "/net", 0755);
  make_device(dev, kTunDevice);
  make_folder(dev + "/pts", 0755);
  mount_or_throw("devpts", dev + "/pts", "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=620,gid=5");
  make_folder(dev + "/shm", 01777);
  mount_or_throw("tmpfs", dev + "/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  for (const auto& [name, target] : kDeviceLinks) {
    checked("link " + dev + "/" + name, ::symlink(target, (dev + "/" + name).c_str()));
  }
}

// The folders of the host's /run, without those that would make programs believe that a service of the host runs here.
// In order of name: what the host's file system happens to list first must not matter.
std::vector<std::string> host_run_folders(const std::string& lower) {
  constexpr std::array<std::string_view, 7> left_out{"systemd",    "user",  "udev",   "docker",
                                                     "containerd", "netns", "labreel"};
  std::vector<std::string> names;
  DIR* const run = ::opendir((lower + "/run").c_str());
  if (run == nullptr) return names;
  while (const dirent* entry = ::readdir(run)) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || std::find(left_out.begin(), left_out.end(), name) != left_out.end()) continue;
    names.push_back(name);
  }
  ::closedir(run);
  std::sort(names.begin(), names.end());
  return names;
}

void make_run(const std::string& lower) {
  mount_or_throw("tmpfs", kRoot + "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755");
  for (const auto& name : host_run_folders(lower)) {
    struct stat facts {};
    if (::lstat((lower + "/run/" + name).c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) continue;
    const std::string path = kRoot + "/run/" + name;
    make_folder(path, 0755);
    checked("give " + path + " its owner", ::chown(path.c_str(), facts.st_uid, facts.st_gid));
    checked("give " + path + " its mode", ::chmod(path.c_str(), facts.st_mode & 07777U));
  }
}

bool is_readable(const std::string& folder) {
  DIR* const opened = ::opendir(folder.c_str());
  if (opened != nullptr) ::closedir(opened);
  return opened != nullptr;
}

// Covers the unreadable folders on the way to a file, so that it can be put there.
void cover_unreadable_folders(const std::string& file) {
  for (auto slash = file.find('/', 1); slash != std::string::npos; slash = file.find('/', slash + 1)) {
    const std::string folder = file.substr(0, slash);
    struct stat facts {};
    if (::stat((kHost + folder).c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) continue;
    const std::string cover = kUpper + folder;
    make_folder(cover, facts.st_mode & 07777U);
    checked("give " + folder + " its owner", ::chown(cover.c_str(), facts.st_uid, facts.st_gid));
    checked("give " + folder + " its mode", ::chmod(cover.c_str(), facts.st_mode & 07777U));
    if (!is_readable(kHost + folder))
      checked("cover " + folder, ::setxattr(cover.c_str(), "trusted.overlay.opaque", "y", 1, 0));
  }
}

// Mounts an image that lies in the folder to which the kernel process's own folder has a link. The mount's path is the
// same whatever the folder, since it is kept in memory; its last dot makes the host follow the link.
void mount_image(const std::string& name) {
  mount_or_throw("image", kHost, "hostfs", MS_RDONLY, "/proc/self/cwd/image/.");
  OwnedFd file(checked("open the image " + name, ::open((kHost + "/" + name).c_str(), O_RDONLY | O_CLOEXEC)));
  OwnedFd loop(checked("open /dev/loop0", ::open("/dev/loop0", O_RDONLY | O_CLOEXEC)));
  loop_config config{};
  config.fd = static_cast<std::uint32_t>(file.get());
  config.info.lo_flags = LO_FLAGS_READ_ONLY;
  checked("set up the image's loop device", ::ioctl(loop.get(), LOOP_CONFIGURE, &config));
  make_folder(kImage, 0755);
  mount_or_throw("/dev/loop0", kImage, "squashfs", MS_RDONLY);
}

// Returns the folder of what the machine's root begins with.
std::string mount_lower(const std::string& image) {
  if (image.empty()) {
    mount_or_throw("host", kHost, "hostfs", MS_RDONLY, "/");
    return kHost;
  }
  mount_image(image);
  return kImage;
}

}  // namespace

void enter_machine_root(const std::vector<std::string>& files, const std::string& image) {
  ::umask(0);
  for (const char* folder : {"/host", "/layer", "/root"}) make_folder(folder, 0755);
  const std::string lower = mount_lower(image);
  mount_or_throw("tmpfs", "/layer", "tmpfs", 0, "mode=755");
  for (const char* folder : {"/layer/upper", "/layer/work"}) make_folder(folder, 0755);
  if (lower == kHost) {
    for (const std::string& file : files) cover_unreadable_folders(file);
  }
  mount_or_throw("labreel", kRoot, "overlay", 0, "lowerdir=" + lower + ",upperdir=" + kUpper + ",workdir=/layer/work");
  make_run(lower);
  make_dev();
  mount_or_throw("proc", kRoot + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mount_or_throw("sysfs", kRoot + "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mount_or_throw("tmpfs", kRoot + "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  // The initramfs cannot be pivoted away from: the new root is moved over it.
  checked("enter the machine's root", ::chdir(kRoot.c_str()));
  checked("move the machine's root", ::mount(".", "/", nullptr, MS_MOVE, nullptr));
  checked("enter the machine's root", ::chroot("."));
  checked("enter the machine's root", ::chdir("/"));
  ::umask(022);
}

}  // namespace labreel
