#include "engine/nodes/roots/host_mounts.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace labreel::roots {
namespace {

// No file of a node's host lives in these; overlay and squashfs mounts are other tools' layers and images.
constexpr std::array<std::string_view, 29> kNotReal{
    "autofs",   "binfmt_misc", "bpf",     "cgroup",    "cgroup2",    "configfs",   "debugfs",   "devpts",
    "devtmpfs", "efivarfs",    "fusectl", "hugetlbfs", "mqueue",     "nfsd",       "nsfs",      "overlay",
    "proc",     "pstore",      "ramfs",   "resctrl",   "rpc_pipefs", "securityfs", "selinuxfs", "smackfs",
    "squashfs", "sysfs",       "tmpfs",   "tracefs",   "fuse.lxcfs"};
constexpr std::array<std::string_view, 5> kFresh{"/proc", "/sys", "/dev", "/run", "/tmp"};

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// The kernel writes space, tab, newline and backslash as \ooo.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Mount {
  std::string point;
  std::string type;
};

std::vector<Mount> read_mounts(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, point, field, type;
    fields >> id >> parent >> device >> root >> point;
    while (fields >> field && field != "-") {
    }
    fields >> type;
    if (fields) mounts.push_back({unescape(point), type});
  }
  return mounts;
}

}  // namespace

std::string own_mounts() {
  std::ostringstream text;
  text << std::ifstream("/proc/self/mountinfo").rdbuf();
  return text.str();
}

bool is_at_or_below(std::string_view path, std::string_view folder) {
  return folder == "/" || (path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/'));
}

std::vector<std::string> all_mount_points(std::string_view mountinfo) {
  std::vector<std::string> points;
  for (auto& mount : read_mounts(mountinfo)) points.push_back(std::move(mount.point));
  return points;
}

std::vector<std::string> real_mount_points(std::string_view mountinfo) {
  std::vector<std::string> points;
  for (const auto& [mount_point, type] : read_mounts(mountinfo)) {
    const std::string& point = mount_point;  // clang 14 captures no structured binding
    const bool fresh = std::any_of(kFresh.begin(), kFresh.end(), [&](auto top) { return is_at_or_below(point, top); });
    if (point == "/" || fresh) continue;
    // A later mount covers an earlier one at the same place, and everything below it.
    std::erase_if(points, [&](const std::string& earlier) { return is_at_or_below(earlier, point); });
    if (std::find(kNotReal.begin(), kNotReal.end(), type) == kNotReal.end()) points.push_back(point);
  }
  return points;
}

}  // namespace labreel::roots
