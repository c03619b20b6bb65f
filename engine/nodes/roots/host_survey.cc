#include "engine/nodes/roots/host_survey.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/nodes/roots/host_mounts.h"

namespace labreel::roots {
namespace {

constexpr std::size_t kEntriesMax = 20'000;  // a host with more has something else there than settings

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  DIR* open = ::opendir(folder.c_str());
  if (open == nullptr) return names;
  while (const dirent* entry = ::readdir(open)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(open);
  std::sort(names.begin(), names.end());
  return names;
}

class Survey {
 public:
  explicit Survey(HostSurvey& result) : result_(result) {}

  struct How {
    int depth;   // of folders below this one
    bool files;  // note them too
    bool state;  // what belongs to somebody else is a service's state
  };

  void folder(const std::string& path, How how) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || is_full()) return;
    note(HostEntry::Kind::folder, path, facts);
    const bool closed = ::access(path.c_str(), R_OK | X_OK) != 0;
    const bool of_service = how.state && (facts.st_uid != 0 || path == "/var/log" || path == "/var/tmp");
    if (closed || of_service) {
      make_private(path);
      if (closed) return;
    }
    if (how.depth == 0) return;
    for (const auto& name : names_in(path)) below(path + "/" + name, how);
  }

 private:
  bool is_full() const { return result_.entries.size() >= kEntriesMax; }

  void note(HostEntry::Kind kind, const std::string& path, const struct stat& facts) {
    result_.entries.push_back({kind, path, facts.st_uid, facts.st_gid, facts.st_mode & 07777U});
  }

  void below(const std::string& path, How how) {
    struct stat facts {};
    if (is_full() || ::lstat(path.c_str(), &facts) != 0) return;
    if (S_ISDIR(facts.st_mode)) return folder(path, {how.depth - 1, how.files, how.state});
    if (!how.files) return;
    if (S_ISLNK(facts.st_mode)) note(HostEntry::Kind::link, path, facts);
    if (S_ISREG(facts.st_mode) && facts.st_size <= kSettingsFile_bytes_max) note(HostEntry::Kind::file, path, facts);
  }

  void make_private(const std::string& path) {
    const auto& known = result_.private_folders;
    const bool inside =
        std::any_of(known.begin(), known.end(), [&](const auto& top) { return is_at_or_below(path, top); });
    if (!inside) result_.private_folders.push_back(path);
  }

  HostSurvey& result_;
};

}  // namespace

HostSurvey survey_host() {
  HostSurvey result;
  result.private_folders.emplace_back("/etc");  // all of it is copied
  Survey survey(result);
  constexpr int deep = 8;
  constexpr std::array<std::string_view, 5> fresh{"proc", "sys", "dev", "run", "tmp"};
  for (const auto& name : names_in("/")) {
    if (std::find(fresh.begin(), fresh.end(), name) != fresh.end()) continue;
    if (name == "etc") {
      survey.folder("/etc", {deep, true, false});
    } else if (name == "var") {
      survey.folder("/var", {deep, false, true});
    } else {
      survey.folder("/" + name, {name == "usr" ? 1 : 0, false, false});
    }
  }
  for (const auto& name : names_in("/usr/local")) survey.folder("/usr/local/" + name, {deep, false, false});
  result.run_folders = run_folders_in("/run");
  return result;
}

}  // namespace labreel::roots
