#include "recorder/control/registry.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "engine/core/suggest.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".sock";

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

// Without a slash at the end: lstat() of "link/" would look through the link.
std::string absolute_folder(const std::string& path) {
  std::string folder = fs::absolute(path).lexically_normal().string();
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

bool is_my_directory(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

// Nothing if the folder is safe to keep sockets in: ours, a real folder, closed to others.
std::optional<Error> directory_error(const std::string& path) {
  struct stat info{};
  checked("look at " + path, ::lstat(path.c_str(), &info));
  const auto refused = [&](std::string what, std::string hint) {
    return Error{ErrorKind::host, std::move(what), path, std::move(hint)};
  };
  const std::string elsewhere = "remove it, or set LABREEL_RUN_DIR to a folder of yours";
  if (S_ISLNK(info.st_mode)) return refused("the folder of the labs' sockets is a symbolic link", elsewhere);
  if (!S_ISDIR(info.st_mode)) return refused("the folder of the labs' sockets is not a folder", elsewhere);
  if (info.st_uid != ::geteuid()) {
    return refused("the folder of the labs' sockets belongs to user " + std::to_string(info.st_uid) + ", not to user " +
                       std::to_string(::geteuid()),
                   elsewhere);
  }
  if ((info.st_mode & 077U) != 0) {
    return refused("the folder of the labs' sockets is open to other users", "chmod 700 " + path);
  }
  return std::nullopt;
}

std::vector<std::string> names_of(const std::vector<RunningLab>& labs) {
  std::vector<std::string> names;
  for (const RunningLab& lab : labs) names.push_back(lab.lab);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::string run_directory() {
  if (const auto given = environment("LABREEL_RUN_DIR")) return absolute_folder(*given);
  if (const auto runtime = environment("XDG_RUNTIME_DIR"); runtime && is_my_directory(*runtime)) {
    return absolute_folder(*runtime + "/labreel");
  }
  if (::geteuid() == 0) return "/run/labreel";
  return "/tmp/labreel-" + std::to_string(::geteuid());
}

bool is_in_run_directory(const std::string& socket_path) {
  std::vector<std::string> folders{run_directory(), "/tmp/labreel-" + std::to_string(::geteuid())};
  if (::geteuid() == 0) folders.emplace_back("/run/labreel");
  if (const auto runtime = environment("XDG_RUNTIME_DIR")) folders.push_back(absolute_folder(*runtime + "/labreel"));
  const fs::path folder = fs::path{socket_path}.parent_path();
  if (std::find(folders.begin(), folders.end(), folder.string()) == folders.end()) return false;
  try {
    return !directory_error(folder.string());
  } catch (const std::system_error&) {
    return false;
  }
}

Result<std::string> make_run_directory() {
  const std::string path = run_directory();
  // mkdir's mode is cut by the umask, never widened: a new folder is closed to others from its first moment.
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) checked("make the folder " + path, -1);
  if (auto error = directory_error(path)) return *std::move(error);
  return path;
}

Result<LabSocket> claim_lab(const std::string& lab) {
  auto directory = make_run_directory();
  if (!directory) return std::move(directory).error();
  return LabSocket::claim(*directory, lab);
}

Result<std::vector<RunningLab>> running_labs() {
  const std::string directory = run_directory();
  std::vector<RunningLab> labs;
  if (::access(directory.c_str(), F_OK) < 0 && errno == ENOENT) return labs;
  if (auto error = directory_error(directory)) return *std::move(error);
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string path = entry.path().string();
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(kSuffix) || file.size() == kSuffix.size()) continue;
    const ConnectAttempt attempt = connect_to_socket(path);
    if (attempt.failure == ECONNREFUSED) remove_if_dead(directory, path);
    if (attempt.failure != 0 && attempt.failure != EAGAIN) continue;
    RunningLab lab{file.substr(0, file.size() - kSuffix.size()), path};
    if (attempt.failure == 0) {
      if (const auto peer = peer_of_socket(attempt.fd.get())) lab.pid = peer->pid;
    }
    labs.push_back(std::move(lab));
  }
  std::ranges::sort(labs, {}, &RunningLab::lab);
  return labs;
}

Result<RunningLab> find_lab(const std::optional<std::string>& name) {
  auto found = running_labs();
  if (!found) return std::move(found).error();
  std::vector<RunningLab>& labs = *found;
  const std::string start = "start one with `labreel run LAB`";
  if (name) {
    const auto lab = std::ranges::find(labs, *name, &RunningLab::lab);
    if (lab != labs.end()) return *lab;
    const auto names = names_of(labs);
    return Error{ErrorKind::usage, "no lab named " + *name + " is running" + did_you_mean(*name, names), {},
                 labs.empty() ? start : "running: " + joined(names)};
  }
  if (labs.empty()) return Error{ErrorKind::usage, "no lab is running", {}, start};
  if (labs.size() == 1) return labs.front();
  return Error{ErrorKind::usage, "several labs are running: " + joined(names_of(labs)), {}, "choose one with --lab NAME, or for all commands with LABREEL_LAB=NAME"};
}

}  // namespace labreel
