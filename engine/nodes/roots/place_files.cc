#include "engine/nodes/roots/place_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

#include "engine/nodes/roots/root_parts.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel::roots {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

void write_file(const std::string& path, const std::string& content, mode_t mode, bool& created) {
  OwnedFd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY));
  // Without root, a file of the host that belongs to an owner who is not mapped cannot be changed, but replaced.
  const bool not_ours = !file.is_open() && (errno == EACCES || errno == EPERM || errno == EOVERFLOW);
  created = not_ours ? ::unlink(path.c_str()) == 0 : !file.is_open() && errno == ENOENT;
  if (created) file = OwnedFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  checked("write file " + path, file.get());
  std::size_t done = 0;
  while (done < content.size()) {
    const auto wrote = retried([&] { return ::write(file.get(), content.data() + done, content.size() - done); });
    done += static_cast<std::size_t>(checked("write file " + path, wrote));
  }
}

void give_owner_of_folder(const std::string& path) {
  struct stat facts {};
  const std::string folder = folder_of(path);
  checked("look at " + folder, ::stat(folder.c_str(), &facts));
  checked("give " + path + " its owner", ::chown(path.c_str(), facts.st_uid, facts.st_gid));
}

void make_missing_folders(const std::string& folder) {
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) == 0) return;
  make_missing_folders(folder_of(folder));
  make_folder(folder, 0755);
  give_owner_of_folder(folder);
}

}  // namespace

void name_node(const std::string& name) {
  checked("set the host name to " + name, ::sethostname(name.data(), name.size()));
  place_files({{"/etc/hostname", name + "\n", 0644},
               {"/etc/hosts",
                "127.0.0.1 localhost\n127.0.1.1 " + name +
                    "\n::1 localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n",
                0644}});
}

void place_files(const std::vector<NodeFile>& files) {
  for (const auto& file : files) {
    if (!file.path.starts_with('/') || file.path.find('\0') != std::string::npos) {
      throw std::system_error(EINVAL, std::generic_category(), "write file " + file.path);
    }
    make_missing_folders(folder_of(file.path));
    bool created = false;
    write_file(file.path, file.content, file.mode & 07777U, created);
    if (created) {
      give_owner_of_folder(file.path);
      checked("give " + file.path + " its mode", ::chmod(file.path.c_str(), file.mode & 07777U));
    }
  }
}

}  // namespace labreel::roots
