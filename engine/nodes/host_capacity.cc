#include "engine/nodes/host_capacity.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace labreel {
namespace {

// Of a namespace node without programs of its own: its namespaces, mounts and init. Measured on Linux 6.18, rounded up.
constexpr std::uint64_t kNodeBytes = std::uint64_t{2} << 20U;
// An interface with its queues, in the node and here.
constexpr std::uint64_t kPortBytes = std::uint64_t{64} << 10U;
// A pidfd and a socket in the spawner; the counters' socket here.
constexpr std::uint64_t kNodeFiles = 2;
constexpr std::uint64_t kCommandFiles = 2;
constexpr std::uint64_t kOwnFiles = 100;
// Of a guest: what bench measured of one that idles; its kernel, its init and our agent; its sockets, console and log.
constexpr std::uint64_t kGuestBytes = std::uint64_t{9} << 20U;
constexpr std::uint64_t kGuestProcesses = 3;
constexpr std::uint64_t kGuestFiles = 4;
// The node's own, and one for the far ends of its wires.
constexpr std::uint64_t kNodeNetNamespaces = 2;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest == text.data()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> first_number(const std::string& path) {
  std::ifstream in(path);
  std::string word;
  in >> word;
  return number_of(word);
}

// "running/all" is the fourth word.
std::optional<std::uint64_t> threads_now() {
  std::ifstream in("/proc/loadavg");
  std::string word;
  for (int i = 0; i < 4; ++i) in >> word;
  const auto slash = word.find('/');
  if (slash == std::string::npos) return std::nullopt;
  return number_of(std::string_view(word).substr(slash + 1));
}

std::optional<std::uint64_t> memory_available() {
  std::ifstream in("/proc/meminfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("MemAvailable:")) continue;
    const auto digit = line.find_first_of("0123456789");
    const auto kib = digit == std::string::npos ? std::nullopt : number_of(std::string_view(line).substr(digit));
    if (kib) return *kib << 10U;
  }
  return std::nullopt;
}

// The least of those of the group and the groups that it is in; of the unified hierarchy, and of the first one.
std::optional<std::uint64_t> group_processes() {
  std::optional<std::uint64_t> least;
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && controllers != "pids") continue;
    const std::string root = controllers.empty() ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
    for (std::string group = line.substr(second + 1);; group = group.substr(0, group.rfind('/'))) {
      const auto most = first_number(root + group + "/pids.max");  // "max" is no number
      if (most) least = std::min(least.value_or(*most), *most);
      if (group.find('/') == std::string::npos) break;
    }
  }
  return least;
}

std::optional<std::uint64_t> limit_of(int resource, bool hard) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return std::nullopt;
  const rlim_t value = hard ? limit.rlim_max : limit.rlim_cur;
  if (value == RLIM_INFINITY) return std::nullopt;
  return value;
}

Status refuse(const LabSize& lab, const std::string& needs, const std::string& has, std::string hint) {
  return Error{ErrorKind::host,
               "this host cannot bear the lab's " + std::to_string(lab.nodes) + " nodes: they need at least " + needs +
                   ", and " + has,
               {},
               std::move(hint)};
}

Status check_processes(const LabSize& lab, const HostCapacity& host) {
  const std::uint64_t needed = lab.guests ? lab.nodes * kGuestProcesses : lab.nodes + lab.commands;
  const std::uint64_t threads = host.threads.value_or(0);
  struct Bound {
    const std::optional<std::uint64_t>& most;
    std::uint64_t taken;
    const char* name;
    const char* hint;
  };
  const Bound bounds[] = {
      {host.pid_max, threads, "kernel.pid_max", "sysctl -w kernel.pid_max=4194304, or fewer nodes"},
      {host.threads_max, threads, "kernel.threads-max", "sysctl -w kernel.threads-max=N, or fewer nodes"},
      {host.own_processes, 0, "the user's limit of processes (RLIMIT_NPROC)", "ulimit -u N, or fewer nodes"},
      {host.group_processes, 0, "its control group's pids.max", "give the group more, or the lab fewer nodes"},
  };
  for (const Bound& bound : bounds) {
    if (!bound.most) continue;
    const std::uint64_t left = *bound.most - std::min(*bound.most, bound.taken);
    if (needed <= left) continue;
    std::string has = std::string(bound.name) + " is " + std::to_string(*bound.most);
    if (bound.taken > 0) has += ", of which " + std::to_string(bound.taken) + " are taken";
    return refuse(lab, std::to_string(needed) + " processes", has, bound.hint);
  }
  return ok_status();
}

}  // namespace

HostCapacity read_host_capacity() {
  HostCapacity host;
  host.pid_max = first_number("/proc/sys/kernel/pid_max");
  host.threads_max = first_number("/proc/sys/kernel/threads-max");
  host.threads = threads_now();
  if (::geteuid() != 0) host.own_processes = limit_of(RLIMIT_NPROC, false);
  host.group_processes = group_processes();
  host.files = limit_of(RLIMIT_NOFILE, true);
  host.net_namespaces = first_number("/proc/sys/user/max_net_namespaces");
  host.memory_bytes = memory_available();
  return host;
}

Status check_capacity(const LabSize& lab, const HostCapacity& host) {
  if (Status processes = check_processes(lab, host); !processes) return processes;
  const std::uint64_t files =
      kOwnFiles + (lab.guests ? lab.nodes * kGuestFiles + lab.ports
                              : std::max(lab.nodes * kNodeFiles, lab.nodes + lab.ports + lab.commands * kCommandFiles));
  if (host.files && files > *host.files) {
    return refuse(lab, std::to_string(files) + " open files",
                  "the limit of open files (RLIMIT_NOFILE, hard) is " + std::to_string(*host.files),
                  "raise it (ulimit -Hn, /etc/security/limits.conf), or take fewer nodes and ports");
  }
  const std::uint64_t namespaces = lab.nodes * kNodeNetNamespaces;
  if (!lab.guests && host.net_namespaces && namespaces > *host.net_namespaces) {
    return refuse(lab, std::to_string(namespaces) + " network namespaces",
                  "user.max_net_namespaces is " + std::to_string(*host.net_namespaces),
                  "sysctl -w user.max_net_namespaces=N, or fewer nodes");
  }
  const std::uint64_t memory = lab.nodes * (lab.guests ? kGuestBytes : kNodeBytes) + lab.ports * kPortBytes;
  if (host.memory_bytes && memory > *host.memory_bytes) {
    return refuse(lab, std::to_string(memory >> 20U) + " MiB of memory before they run anything",
                  std::to_string(*host.memory_bytes >> 20U) + " MiB are available",
                  "take fewer nodes, or a host with more memory");
  }
  return ok_status();
}

}  // namespace labreel
