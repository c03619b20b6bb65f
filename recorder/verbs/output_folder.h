// OutputFolder: the folder that a verb writes files into, never over others unless that was asked for.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/os/owned_fd.h"
#include "recorder/lock/name_keeper.h"

namespace labreel {

// Shape: the folder is opened, and made if it is not there, before anything is read; files are made beneath it by its
//        descriptor. Unless they are kept, none of them stays behind, nor the folder if it was made.
class OutputFolder {
 public:
  // Errors: throws VerbError for what is no folder; std::system_error.
  OutputFolder(const std::string& path, bool force);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  // Makes a file and returns its descriptor, which stays ours. Errors: throws VerbError for one that is there.
  int create(const std::string& name);
  std::size_t count() const { return files_.size(); }
  void keep();

 private:
  struct File {
    std::string name;
    OwnedFd fd;
    bool was_there = false;
  };
  std::string path_;
  bool force_;
  bool is_kept_ = false;
  std::optional<NameKeeper> made_;  // removes the folder if it was made: what lies around it is not ours to touch, once locked
  OwnedFd fd_;
  std::deque<File> files_;
};

}  // namespace labreel
