#include "engine/nodes/roots/image_root.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/os/system_call.h"

namespace labreel::roots {
namespace {

bool is_readable(const std::string& folder) {
  DIR* const opened = ::opendir(folder.c_str());
  if (opened != nullptr) ::closedir(opened);
  return opened != nullptr;
}

}  // namespace

// So that the file can be put there.
void ImageRoot::cover_unreadable_folders(const std::string& file, const std::string& upper) const {
  for (auto slash = file.find('/', 1); slash != std::string::npos; slash = file.find('/', slash + 1)) {
    const std::string folder = file.substr(0, slash);
    struct stat facts {};
    if (::stat((folder_ + folder).c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) continue;
    const std::string cover = upper + folder;
    make_folder(cover, facts.st_mode & 07777U);
    checked("give " + folder + " its owner", ::chown(cover.c_str(), facts.st_uid, facts.st_gid));
    checked("give " + folder + " its mode", ::chmod(cover.c_str(), facts.st_mode & 07777U));
    if (!is_readable(folder_ + folder))
      checked("cover " + folder, ::setxattr(cover.c_str(), "trusted.overlay.opaque", "y", 1, 0));
  }
}

void ImageRoot::enter(const std::vector<NodeFile>& files) const {
  ::umask(0);
  const Stage stage = kernel_.make_stage();
  make_layer(stage.layer);
  if (unreadable_ == Unreadable::are_covered) {
    for (const NodeFile& file : files) cover_unreadable_folders(file.path, upper_of(stage.layer));
  }
  mount_overlay(folder_, stage.layer, stage.root);
  kernel_.finish(stage.root, [this] { return run_folders_in(folder_ + "/run"); });
}

}  // namespace labreel::roots
