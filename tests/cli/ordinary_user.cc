#include "tests/cli/ordinary_user.h"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "engine/os/system_call.h"

namespace labreel::test {
namespace {

// Throws if there is no such user.
const passwd& known(const std::string& user) {
  const passwd* const entry = ::getpwnam(user.c_str());
  if (entry == nullptr) throw std::runtime_error("there is no user " + user + ": tests/engine/nodes/test_user.sh add");
  return *entry;
}

}  // namespace

std::string lend_to_user(const TestFolder& folder, const std::string& user) {
  namespace fs = std::filesystem;
  fs::copy(labreel_binary(), folder / "labreel");
  if (::geteuid() != 0) return folder / "labreel";
  const passwd& owner = known(user);
  const auto give = [&](const std::string& path) {
    checked("give " + path + " to the user", ::lchown(path.c_str(), owner.pw_uid, owner.pw_gid));
  };
  give(folder.path());
  for (const auto& entry : fs::recursive_directory_iterator{folder.path()}) give(entry.path());
  return folder / "labreel";
}

std::vector<std::string> as_user(const TestFolder& folder, std::vector<std::string> command, const std::string& user) {
  if (::geteuid() != 0) return command;
  const passwd& owner = known(user);
  std::vector<std::string> argv{"setpriv",
                                "--reuid=" + std::to_string(owner.pw_uid),
                                "--regid=" + std::to_string(owner.pw_gid),
                                "--clear-groups",
                                "env",
                                "HOME=" + folder.path(),
                                "LABREEL_RUN_DIR=" + (folder / "run")};
  argv.insert(argv.end(), command.begin(), command.end());
  return argv;
}

}  // namespace labreel::test
