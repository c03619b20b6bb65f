#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "engine/nodes/spawner.h"
#include "engine/nodes/user_namespace.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "engine/os/tap_device.h"
#include "recorder/doctor/checks.h"
#include "recorder/doctor/isolation.h"

namespace labreel {
namespace {

constexpr std::chrono::seconds kNodeLimit{20};

std::string start_a_node() {
  Spawner spawner = Spawner::fork_now();
  spawner.start(NodeSpec{NodeId{1}, "doctor", NodeKindName::host_namespace, {{PortId{1}, "eth0", {}, 1500, {"192.0.2.1/24"}}}, {}});
  for (;;) {
    pollfd wait{spawner.fd(), POLLIN, 0};
    ::poll(&wait, 1, -1);
    while (const auto event = spawner.receive()) {
      if (const auto* failed = std::get_if<NodeFailed>(&*event)) throw std::runtime_error(failed->error);
      if (!std::holds_alternative<NodeUp>(*event)) continue;
      return ::geteuid() == 0 ? "a node with a port started, as root" : "a node with a port started";
    }
  }
}

void mount_or_throw(const char* type, const std::string& target, const std::string& options) {
  checked(std::string("mount ") + type, ::mount("labreel", target.c_str(), type, 0, options.c_str()));
}

// In the child's own tmpfs: /etc below, a fresh layer above; a file is written through it.
std::string write_through_overlay(bool in_user_namespace) {
  isolate(in_user_namespace);
  const std::string top = private_folder();
  for (const char* const name : {"/upper", "/work", "/merged"})
    checked("make a folder", ::mkdir((top + name).c_str(), 0755));
  mount_or_throw(
      "overlay", top + "/merged",
      "lowerdir=/etc,upperdir=" + top + "/upper,workdir=" + top + "/work" + (in_user_namespace ? ",userxattr" : ""));
  std::ofstream(top + "/merged/labreel-doctor") << "written\n";
  std::string word;
  std::ifstream(top + "/upper/labreel-doctor") >> word;
  if (word != "written") throw std::runtime_error("what was written is not in the upper layer");
  return in_user_namespace ? "a file was written through one in a user namespace" : "a file was written through one";
}

std::string make_tap() {
  isolate();  // before: a TAP belongs to the network namespace in which its file was opened
  const OwnedFd tun(checked("open /dev/net/tun", ::open("/dev/net/tun", O_RDWR | O_CLOEXEC)));
  attach_tap(tun.get(), "labreel0");
  return "made an interface";
}

struct CgroupPlace {
  std::string folder;  // of this process's group, in the file system
  std::string group;
};

// The group of version 2 that this process is in.
CgroupPlace own_cgroup() {
  CgroupPlace place;
  std::ifstream mounts("/proc/self/mounts");
  std::string device, target, type;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream(line) >> device >> target >> type;
    if (type == "cgroup2") place.folder = target;
  }
  if (place.folder.empty()) throw std::runtime_error("cgroup version 2 is not mounted");
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::")) place.group = line.substr(3);
  }
  if (place.group.empty()) throw std::runtime_error("this process is in no group of cgroup version 2");
  place.folder += place.group == "/" ? "" : place.group;
  return place;
}

std::string make_cgroup() {
  const CgroupPlace place = own_cgroup();
  const std::string folder = place.folder + "/labreel-doctor-" + std::to_string(::getpid());
  checked("make a cgroup in " + place.group, ::mkdir(folder.c_str(), 0755));
  const bool is_group = ::access((folder + "/cgroup.procs").c_str(), R_OK) == 0;
  checked("remove cgroup " + folder, ::rmdir(folder.c_str()));
  if (!is_group) throw std::runtime_error(folder + " was no cgroup");
  return "made and removed a group in " + place.group;
}

}  // namespace

Finding check_namespace_labs() {
  return finding_of("namespace labs", try_here(start_a_node, kNodeLimit), "see the lines below");
}

Finding check_user_namespaces() {
  const auto make = []() -> std::string {
    checked("make user, network and mount namespaces", ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS));
    return "made one, with a network";
  };
  return finding_of(
      "user namespaces", try_here(make, kTrialLimit),
      "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), or user.max_user_namespaces=15000");
}

Finding check_subordinate_ids() {
  if (::geteuid() == 0) return {"subordinate ids", true, "root needs none", {}};
  // Both words of the answer: what is missing, and what helps.
  const Trial trial = try_here(
      []() -> std::string {
        const IdMapping mapping = enter_user_namespace();
        if (!mapping.missing.empty()) throw std::runtime_error(mapping.missing + "\n" + mapping.hint);
        return "mapped";
      },
      kTrialLimit);
  const std::size_t end = trial.said.find('\n');
  return finding_of("subordinate ids", trial,
                    end == std::string::npos ? "see user namespaces" : trial.said.substr(end + 1));
}

Finding check_tap() {
  return finding_of(
      "tap", try_here(make_tap, kTrialLimit),
      "not needed: packet sockets are used instead; sudo chmod 666 /dev/net/tun makes ports somewhat faster");
}

Finding check_overlay(bool in_user_namespace) {
  return finding_of(
      in_user_namespace ? "overlay, rootless" : "overlay",
      try_here([in_user_namespace] { return write_through_overlay(in_user_namespace); }, kTrialLimit),
      in_user_namespace ? "a kernel of 5.11 or later with overlayfs: sudo modprobe overlay" : "sudo modprobe overlay");
}

Finding check_cgroup_delegation() {
  return finding_of("cgroup delegation", try_here(make_cgroup, kTrialLimit),
                    "no lab needs it yet; in a shell with a group of its own it works: systemd-run --user --scope -p "
                    "Delegate=yes bash");
}

}  // namespace labreel
