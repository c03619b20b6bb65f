#include "engine/nodes/uml/run_folder.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "engine/os/system_call.h"

namespace labreel {

RunFolder::RunFolder() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  std::string name = std::string(runtime != nullptr && *runtime == '/' ? runtime : "/tmp") + "/labreel-guest-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) checked("make folder " + name, -1);
  path_ = name;
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
}

}  // namespace labreel
