#include "recorder/doctor/isolation.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "engine/nodes/user_namespace.h"
#include "engine/os/system_call.h"

namespace labreel {

void isolate(bool in_user_namespace) {
  const pid_t parent = ::getppid();
  if (in_user_namespace || ::geteuid() != 0) {
    enter_user_namespace();  // with a mount namespace
    checked("make a network namespace", ::unshare(CLONE_NEWNET));
  } else {
    checked("make namespaces", ::unshare(CLONE_NEWNS | CLONE_NEWNET));
  }
  checked("keep mounts to this namespace", ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
  // The kernel forgot it when this process got its new rights.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(127);
}

std::string private_folder() {
  // A folder that every host has, and in which nobody keeps what a trial needs.
  const std::string path = "/var/tmp";
  checked("mount a tmpfs", ::mount("labreel", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=700"));
  return path;
}

}  // namespace labreel
