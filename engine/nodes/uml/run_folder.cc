#include "engine/nodes/uml/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <vector>

#include "engine/os/system_call.h"

namespace labreel {

namespace {

constexpr std::string_view kPrefix = "labreel-guest-";
constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::string parent_folder() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && *runtime == '/' ? runtime : "/tmp";
}

// Ours, and nobody holds its lock any more. A young one may be just about to be locked.
bool is_abandoned(const std::filesystem::path& folder) {
  constexpr std::time_t kYoung_s = 60;
  OwnedFd opened(::open(folder.c_str(), kOpenFolder));
  struct stat facts {};
  return opened.is_open() && ::fstat(opened.get(), &facts) == 0 && facts.st_uid == ::geteuid() &&
         std::time(nullptr) - facts.st_mtime > kYoung_s && ::flock(opened.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

RunFolder::RunFolder() {
  std::string name = parent_folder() + "/" + std::string(kPrefix) + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) checked("make folder " + name, -1);
  path_ = name;
  lock_ = OwnedFd(checked("open folder " + name, ::open(name.c_str(), kOpenFolder)));
  checked("lock folder " + name, ::flock(lock_.get(), LOCK_EX));
}

void RunFolder::sweep() {
  std::error_code ignored;
  std::vector<std::filesystem::path> abandoned;
  for (const auto& entry : std::filesystem::directory_iterator(parent_folder(), ignored)) {
    if (entry.path().filename().string().starts_with(kPrefix) && is_abandoned(entry.path()))
      abandoned.push_back(entry.path());
  }
  for (const auto& folder : abandoned) std::filesystem::remove_all(folder, ignored);
}

OwnedFd RunFolder::listen(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string file = path_ + "/" + name;
  if (file.size() >= sizeof address.sun_path)
    throw std::system_error(ENAMETOOLONG, std::generic_category(), "listen on " + file);
  std::copy(file.begin(), file.end(), std::begin(address.sun_path));
  OwnedFd socket(checked("socket", ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  checked("listen on " + file, ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
  checked("listen on " + file, ::listen(socket.get(), 1));
  return socket;
}

void RunFolder::link(const std::string& name, const std::string& target) {
  const std::string file = path_ + "/" + name;
  checked("link " + file, ::symlink(target.c_str(), file.c_str()));
}

void RunFolder::write(const std::string& name, std::string_view content) {
  const std::string file = path_ + "/" + name;
  OwnedFd out(checked("make " + file, ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)));
  while (!content.empty()) {
    const auto wrote = retried([&] { return ::write(out.get(), content.data(), content.size()); });
    content.remove_prefix(static_cast<std::size_t>(checked("write " + file, wrote)));
  }
}

void RunFolder::remove() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  path_.clear();
  lock_.reset();
}

}  // namespace labreel
