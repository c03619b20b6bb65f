#include "engine/nodes/node_rights.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

// A list of what stays, so that what a later kernel adds goes. Not among them, for what each would do to the host: MKNOD
// (its disks), SYS_MODULE, SYS_RAWIO, SYS_BOOT, SYS_TIME, WAKE_ALARM, SYSLOG (its dmesg), BPF, PERFMON,
// DAC_READ_SEARCH (open_by_handle_at: its files), MAC_*, AUDIT_*, SYS_RESOURCE (limits, and an own out-of-memory score),
// SYS_NICE and IPC_LOCK (its CPUs and memory), LINUX_IMMUTABLE, LEASE, SYS_PACCT, SYS_TTY_CONFIG, BLOCK_SUSPEND,
// CHECKPOINT_RESTORE.
constexpr std::array<int, 17> kKept{
    CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP,
    CAP_SETFCAP,  // of daemons that become their own user
    CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE, CAP_NET_BROADCAST,
    CAP_SYS_ADMIN,   // FRR's zebra; `ip netns` and mounts in a node
    CAP_SYS_CHROOT,  // dhcpd, sshd
    CAP_SYS_PTRACE,  // strace and gdb, within the node's own processes
    CAP_IPC_OWNER,
};

bool is_kept(int capability) { return std::find(kKept.begin(), kKept.end(), capability) != kKept.end(); }

}  // namespace

void set_oom_score(int score) noexcept {
  OwnedFd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) return;
  const std::string text = std::to_string(score);
  if (::write(file.get(), text.data(), text.size()) < 0) return;  // a score below one's own needs a right that few have
}

void drop_host_capabilities() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if (is_kept(capability) || ::prctl(PR_CAPBSET_READ, capability) == 0) continue;
    checked("drop a capability", ::prctl(PR_CAPBSET_DROP, capability));
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  checked("read the capabilities", static_cast<int>(::syscall(SYS_capget, &header, sets.data())));
  std::array<std::uint32_t, _LINUX_CAPABILITY_U32S_3> kept{};
  for (const int number : kKept) {
    const auto capability = static_cast<unsigned>(number);
    kept.at(CAP_TO_INDEX(capability)) |= CAP_TO_MASK(capability);
  }
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sets.at(i).permitted &= kept.at(i);
    sets.at(i).effective &= kept.at(i);
    sets.at(i).inheritable = 0;
  }
  checked("drop capabilities", static_cast<int>(::syscall(SYS_capset, &header, sets.data())));
  checked("drop ambient capabilities", ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

}  // namespace labreel
