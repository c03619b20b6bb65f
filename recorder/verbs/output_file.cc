#include "recorder/verbs/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "engine/os/system_call.h"
#include "recorder/verbs/verb.h"

namespace labreel {

OutputFile::OutputFile(const std::string& path, bool force) : path_(path) {
  if (path == "-") return;
  struct stat facts {};
  const bool is_there = ::stat(path.c_str(), &facts) == 0;
  if (is_there && S_ISDIR(facts.st_mode)) throw VerbError(Error{ErrorKind::usage, "is a folder", path, "name a file in it"});
  const bool is_other = is_there && !S_ISREG(facts.st_mode);
  // O_EXCL decides, not the look before: a file may come between the two, and a link that leads nowhere is there, too.
  const int create = is_other ? 0 : force ? O_CREAT : O_CREAT | O_EXCL;
  fd_ = OwnedFd{retried([&] { return ::open(path.c_str(), O_WRONLY | O_CLOEXEC | create, 0666); })};
  if (!fd_.is_open() && errno == EEXIST) {
    throw VerbError(Error{ErrorKind::usage, "is there already, and nothing is written over a file", path,
                          "--force replaces it; or name another file with -o"});
  }
  checked("write " + path, fd_.get());
  is_replaced_ = !is_other && is_there;
  if (!is_other) keeper_.emplace(path);
  if (is_replaced_) keeper_->keep();
}

int OutputFile::fd() const { return fd_.is_open() ? fd_.get() : STDOUT_FILENO; }

void OutputFile::begin() {
  if (is_replaced_) checked("empty " + path_, ::ftruncate(fd_.get(), 0));
  if (is_replaced_) keeper_->remove();
  is_replaced_ = false;
}

void OutputFile::keep() {
  if (keeper_) keeper_->keep();
}

bool is_pipe_or_device(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return false;
  return path.starts_with("/dev/") ? !S_ISDIR(facts.st_mode) : S_ISFIFO(facts.st_mode) || S_ISCHR(facts.st_mode);
}

}  // namespace labreel
