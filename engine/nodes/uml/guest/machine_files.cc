#include "engine/nodes/uml/guest/machine_files.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <cstdint>

#include "engine/nodes/roots/root_parts.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

using roots::make_folder;
using roots::mount_or_throw;

const std::string kHost = "/host";
const std::string kImage = "/squashfs";

// Mounts an image that lies in the folder to which the kernel process's own folder has a link. The mount's path is the
// same whatever the folder, since it is kept in memory; its last dot makes the host follow the link.
void mount_image(const std::string& name) {
  mount_or_throw(kHost, "image", kHost, "hostfs", MS_RDONLY, "/proc/self/cwd/image/.");
  OwnedFd file(checked("open the image " + name, ::open((kHost + "/" + name).c_str(), O_RDONLY | O_CLOEXEC)));
  OwnedFd loop(checked("open /dev/loop0", ::open("/dev/loop0", O_RDONLY | O_CLOEXEC)));
  loop_config config{};
  config.fd = static_cast<std::uint32_t>(file.get());
  config.info.lo_flags = LO_FLAGS_READ_ONLY;
  checked("set up the image's loop device", ::ioctl(loop.get(), LOOP_CONFIGURE, &config));
  make_folder(kImage, 0755);
  mount_or_throw(kImage, "/dev/loop0", kImage, "squashfs", MS_RDONLY);
}

}  // namespace

std::string mount_machine_files(const std::string& image) {
  make_folder(kHost, 0755);
  if (!image.empty()) {
    mount_image(image);
    return kImage;
  }
  mount_or_throw(kHost, "host", kHost, "hostfs", MS_RDONLY, "/");
  return kHost;
}

}  // namespace labreel
