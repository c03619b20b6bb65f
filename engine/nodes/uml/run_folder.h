// RunFolder: a guest's own folder on the host while it starts: its sockets and its initramfs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/os/owned_fd.h"

namespace labreel {

// Errors: std::system_error naming the attempt.
class RunFolder {
 public:
  // Makes an owner-only folder under $XDG_RUNTIME_DIR, or else /tmp, and holds a lock on it.
  RunFolder();
  ~RunFolder() { remove(); }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::string& path() const { return path_; }
  // Removes the folders that engines left because they were killed while their guests started.
  static void sweep();

  // Listens on a socket of that name.
  OwnedFd listen(const std::string& name);
  void link(const std::string& name, const std::string& target);
  void write(const std::string& name, std::string_view content);
  // Takes the folder away; a guest that has started needs it no more.
  void remove();

 private:
  std::string path_;
  OwnedFd lock_;
};

}  // namespace labreel
