#include "engine/nodes/roots/root_parts.h"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "engine/os/system_call.h"

namespace labreel::roots {

std::vector<RunFolder> run_folders_in(const std::string& run) {
  constexpr std::array<std::string_view, 7> left_out{"systemd",    "user",  "udev",   "docker",
                                                     "containerd", "netns", "labreel"};
  std::vector<RunFolder> folders;
  DIR* const open = ::opendir(run.c_str());
  if (open == nullptr) return folders;
  while (const dirent* entry = ::readdir(open)) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || std::find(left_out.begin(), left_out.end(), name) != left_out.end()) continue;
    folders.push_back({name});
  }
  ::closedir(open);
  std::sort(folders.begin(), folders.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::erase_if(folders, [&](RunFolder& folder) {
    struct stat facts {};
    if (::lstat((run + "/" + folder.name).c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return true;
    folder = {folder.name, facts.st_uid, facts.st_gid, facts.st_mode & 07777U};
    return false;
  });
  return folders;
}

void mount_or_throw(const std::string& attempt, const char* source, const std::string& target, const char* type,
                    unsigned long flags, const std::string& data) {
  checked("mount " + attempt, ::mount(source, target.c_str(), type, flags, data.empty() ? nullptr : data.c_str()));
}

void make_folder(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) checked("make folder " + path, -1);
}

void make_layer(const std::string& folder) {
  for (const auto& part : {upper_of(folder), folder + "/work"}) make_folder(part, 0755);
}

std::string upper_of(const std::string& layer) { return layer + "/upper"; }

void mount_overlay(const std::string& lower, const std::string& layer, const std::string& target) {
  mount_or_throw(
      "overlay", "labreel", target, "overlay", 0,
      "lowerdir=" + overlay_option_path(lower) + ",upperdir=" + upper_of(layer) + ",workdir=" + layer + "/work");
}

std::string overlay_option_path(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == ',' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace labreel::roots
