#include "engine/nodes/uml/host_files.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "engine/os/system_call.h"

namespace labreel {

OwnedFd make_path_log() { return OwnedFd{checked("make a file in memory", ::memfd_create("opened", MFD_CLOEXEC))}; }

std::set<std::string> paths_in(const OwnedFd& log) {
  std::set<std::string> paths;
  std::array<char, 1 << 16> part;
  std::string path;
  off_t at = 0;
  for (;;) {
    const ssize_t got = retried([&] { return ::pread(log.get(), part.data(), part.size(), at); });
    if (got <= 0) return paths;
    at += got;
    for (const char byte : std::string_view{part.data(), static_cast<std::size_t>(got)}) {
      if (byte == '\0') {
        if (path.starts_with('/')) paths.insert(path);
        path.clear();
      } else if (byte != '/' || !path.ends_with('/')) {
        path += byte;  // the guest's root and a path within it meet at two slashes
      }
    }
  }
}

}  // namespace labreel
