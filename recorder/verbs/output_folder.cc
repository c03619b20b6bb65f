#include "recorder/verbs/output_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "engine/os/system_call.h"
#include "recorder/verbs/verb.h"

namespace labreel {

OutputFolder::OutputFolder(const std::string& path, bool force) : path_(path), force_(force) {
  const bool is_made = ::mkdir(path.c_str(), 0777) == 0;
  if (!is_made && errno != EEXIST) checked("make the folder " + path, -1);
  if (is_made) made_.emplace(path);
  fd_ = OwnedFd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd_.is_open() && errno == ENOTDIR) {
    throw VerbError(Error{ErrorKind::usage, "is no folder", path, "one file a port goes into a folder: -o DIR/"});
  }
  checked("open the folder " + path, fd_.get());
}

OutputFolder::~OutputFolder() {
  if (is_kept_) return;
  for (const File& file : files_) {
    if (!file.was_there) ::unlinkat(fd_.get(), file.name.c_str(), 0);
  }
}

void OutputFolder::keep() {
  is_kept_ = true;
  if (made_) made_->keep();
}

int OutputFolder::create(const std::string& name) {
  constexpr int kWrite = O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
  const std::string path = (path_.ends_with('/') ? path_ : path_ + "/") + name;
  OwnedFd fd{::openat(fd_.get(), name.c_str(), kWrite | O_CREAT | O_EXCL, 0666)};
  const bool was_there = !fd.is_open() && errno == EEXIST;
  if (was_there && !force_) {
    throw VerbError(Error{ErrorKind::usage, "is there already, and nothing is written over a file", path,
                          "--force replaces it; or name another folder with -o"});
  }
  if (was_there) fd = OwnedFd{::openat(fd_.get(), name.c_str(), kWrite | O_TRUNC)};
  checked("write " + path, fd.get());
  return files_.emplace_back(File{name, std::move(fd), was_there}).fd.get();
}

}  // namespace labreel
