#include "engine/nodes/roots/user_host_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>

#include "engine/nodes/roots/host_kernel.h"
#include "engine/nodes/roots/host_mounts.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel::roots {

namespace {

// The layer that all nodes share, and where each puts its own root together.
const std::string kSharedLayer = "/tmp/layer";
const std::string kUpperLayers = "/tmp/node";
const std::string kUserRoot = "/tmp/root";

bool exists(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0;
}

// A file that may not be read is left empty: its place, owner and mode count (/etc/shadow, say).
void copy_file(const std::string& from, const std::string& to) {
  OwnedFd target(checked("copy " + from, ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)));
  OwnedFd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!source.is_open()) return;
  std::array<char, 65'536> buffer;
  for (ssize_t got = 0; (got = retried([&] { return ::read(source.get(), buffer.data(), buffer.size()); })) > 0;) {
    for (ssize_t done = 0; done < got;) {
      done +=
          checked("copy " + from, ::write(target.get(), buffer.data() + done, static_cast<std::size_t>(got - done)));
    }
  }
}

void copy_link(const std::string& from, const std::string& to) {
  std::array<char, 4096> target{};
  const auto length = ::readlink(from.c_str(), target.data(), target.size() - 1);
  if (length > 0) checked("copy " + from, ::symlink(target.data(), to.c_str()));
}

// Puts the host's root folder together from overlays, since with other mounts below it cannot be overlaid itself.
class RootBuilder {
 public:
  RootBuilder(const HostSurvey& survey, const std::vector<NodeFile>& files)
      : survey_(survey), files_(files), mounts_(all_mount_points(text_)), real_(real_mount_points(text_)) {}

  void build() {
    for (const auto& name : {"", "/proc", "/sys", "/dev", "/run", "/tmp"}) make_folder(kUserRoot + name, 0755);
    rebuild("/");
    for (const auto& folder : survey_.private_folders) {
      if (folder.find('/', 1) != std::string::npos && exists(kUserRoot + folder))
        overlay(folder, overlay_option_path(kSharedLayer + folder));
    }
  }

 private:
  // A folder that other mounts are below: its own entries one by one.
  void rebuild(const std::string& path) {
    DIR* folder = ::opendir(path.c_str());
    if (folder == nullptr) return;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") show((path == "/" ? "" : path) + "/" + name);
    }
    ::closedir(folder);
  }

  void show(const std::string& path) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0) return;
    if (S_ISLNK(facts.st_mode)) return copy_link(path, kUserRoot + path);
    if (S_ISREG(facts.st_mode)) return show_file(path, facts);
    if (!S_ISDIR(facts.st_mode) || exists(kUserRoot + path)) return;
    make_folder(kUserRoot + path, facts.st_mode & 07777U);
    const bool is_private = contains(survey_.private_folders, path);
    if (is_private) return overlay(path, overlay_option_path(kSharedLayer + path));
    if (contains(mounts_, path) && !contains(real_, path)) return;  // another tool's layers, or no files at all
    const bool holds_mounts = std::any_of(mounts_.begin(), mounts_.end(), [&](const auto& point) {
      return point != path && is_at_or_below(point, path);
    });
    if (holds_mounts) return rebuild(path);
    if (::access(path.c_str(), R_OK | X_OK) != 0) return;
    show_folder(path);
  }

  void show_file(const std::string& path, const struct stat& facts) {
    if (contains(mounts_, path) && !contains(real_, path)) return;
    if (facts.st_size > kSettingsFile_bytes_max) return;
    copy_file(path, kUserRoot + path);
    checked("give " + path + " its mode", ::chmod((kUserRoot + path).c_str(), facts.st_mode & 07777U));
  }

  void show_folder(const std::string& path) {
    try {
      overlay(path, (exists(kSharedLayer + path) ? overlay_option_path(kSharedLayer + path) + ":" : "") +
                        overlay_option_path(path));
    } catch (const std::system_error&) {
      // Some file systems cannot lie under an overlay: those are shown read-only, with the flags that they must keep.
      struct statvfs facts {};
      checked("look at " + path, ::statvfs(path.c_str(), &facts));
      mount_or_throw(path, path.c_str(), kUserRoot + path, nullptr, MS_BIND);
      constexpr unsigned long kept = ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME | ST_NODIRATIME | ST_RELATIME;
      mount_or_throw(path + " read-only", nullptr, kUserRoot + path, nullptr,
                     MS_REMOUNT | MS_BIND | MS_RDONLY | (facts.f_flag & kept));
    }
  }

  void overlay(const std::string& path, const std::string& lower) {
    const std::string own = kUpperLayers + "/" + std::to_string(++layers_);
    make_folder(own, 0755);
    make_folder(own + "/work", 0755);
    make_owned_folder(own + "/upper", path);
    for (const auto& file : files_) {
      if (is_at_or_below(file.path, path)) make_folders_for(file.path, path, own + "/upper");
    }
    mount_or_throw("overlay of " + path, "labreel", kUserRoot + path, "overlay", 0,
                   "lowerdir=" + lower + ",upperdir=" + own + "/upper,workdir=" + own + "/work,userxattr");
  }

  // So that a file can be put where the host's folder belongs to nobody.
  static void make_folders_for(const std::string& file, const std::string& top, const std::string& upper) {
    for (auto slash = file.find('/', top.size() + 1); slash != std::string::npos; slash = file.find('/', slash + 1)) {
      const std::string folder = file.substr(0, slash);
      struct stat facts {};
      if (::lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return;
      make_owned_folder(upper + folder.substr(top.size()), folder);
    }
  }

  // The upper layer's folder decides about owner and mode of a merged one.
  static void make_owned_folder(const std::string& path, const std::string& like) {
    struct stat facts {};
    if (exists(path)) return;
    make_folder(path, 0755);
    const bool in_layer = ::lstat((kSharedLayer + like).c_str(), &facts) == 0;
    if (!in_layer && ::lstat(like.c_str(), &facts) != 0) return;
    if (in_layer) checked("give " + like + " its owner", ::chown(path.c_str(), facts.st_uid, facts.st_gid));
    checked("give " + like + " its mode", ::chmod(path.c_str(), facts.st_mode & 07777U));
  }

  static bool contains(const std::vector<std::string>& paths, const std::string& path) {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  }

  const HostSurvey& survey_;
  const std::vector<NodeFile>& files_;
  const std::string text_ = own_mounts();
  std::vector<std::string> mounts_;
  std::vector<std::string> real_;
  int layers_ = 0;
};

// The host's /etc/shadow may not be read; with nobody in it, su and login would refuse even root.
void fill_shadow() {
  const std::string path = kSharedLayer + "/etc/shadow";
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || facts.st_size != 0) return;
  std::ifstream users(kSharedLayer + "/etc/passwd");
  std::ofstream shadow(path);
  for (std::string line; std::getline(users, line);) shadow << line.substr(0, line.find(':')) << ":*:1::::::\n";
}

}  // namespace

UserHostRoot::UserHostRoot(HostSurvey survey, IdMapping mapping)
    : survey_(std::move(survey)), mapping_(std::move(mapping)) {
  const mode_t mask = ::umask(0);
  mount_or_throw("/ private", nullptr, "/", nullptr, MS_REC | MS_PRIVATE);
  mount_or_throw("tmpfs", "labreel", "/tmp", "tmpfs", 0, "mode=755");
  make_folder(kSharedLayer, 0755);
  make_folder(kUpperLayers, 0755);
  make_folder(kUserRoot, 0755);
  for (const auto& entry : survey_.entries) add(entry);
  fill_shadow();
  // Modes last, since a folder's may forbid to fill it.
  for (const auto& entry : survey_.entries) {
    const std::string path = kSharedLayer + entry.path;
    if (entry.kind != HostEntry::Kind::link && exists(path)) ::chmod(path.c_str(), entry.mode);
  }
  ::umask(mask);
}

void UserHostRoot::add(const HostEntry& entry) {
  const std::string path = kSharedLayer + entry.path;
  if (entry.kind == HostEntry::Kind::folder) make_folder(path, 0755);
  if (entry.kind == HostEntry::Kind::file) copy_file(entry.path, path);
  if (entry.kind == HostEntry::Kind::link) copy_link(entry.path, path);
  if (::lchown(path.c_str(), entry.user, entry.group) == 0) return;
  if (entry.kind == HostEntry::Kind::folder) unmapped_.push_back({entry.path, entry.user});
}

void UserHostRoot::check_owners(const std::vector<NodeFile>& files) const {
  if (mapping_.missing.empty()) return;
  for (const auto& file : files) {
    for (const auto& [path, user] : unmapped_) {
      if (!is_at_or_below(file.path, path)) continue;
      throw std::runtime_error("file " + file.path + ": its folder belongs to user " + std::to_string(user) +
                               " of the host, who cannot be in the node, because " + mapping_.missing +
                               "; hint: " + mapping_.hint);
    }
  }
}

void UserHostRoot::enter(const std::vector<NodeFile>& files) const {
  check_owners(files);
  ::umask(0);
  mount_or_throw("tmpfs", "labreel", kUpperLayers, "tmpfs", 0, std::string("mode=755,") + kLayerLimit);
  mount_or_throw("tmpfs", "labreel", kUserRoot, "tmpfs", 0, std::string("mode=755,") + kLayerLimit);
  RootBuilder(survey_, files).build();
  HostKernel().finish(kUserRoot, [this] { return survey_.run_folders; });
}

}  // namespace labreel::roots
