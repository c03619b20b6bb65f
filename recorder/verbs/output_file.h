// OutputFile: the one file that a verb writes, never over another unless that was asked for.
#pragma once

#include <optional>
#include <string>

#include "engine/os/owned_fd.h"
#include "recorder/lock/name_keeper.h"

namespace labreel {

// Shape: opened before anything is read, and before a lock (recorder/lock); half of a file does not stay behind, however we end.
//        Pipes and devices are written as they are, and `-` is stdout.
class OutputFile {
 public:
  // Errors: throws VerbError for a file that is there (without `force`) or a folder; std::system_error.
  OutputFile(const std::string& path, bool force);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  int fd() const;
  // Call when what will be written is known to be right: only now a file that is replaced loses what it had.
  void begin();
  void keep();

 private:
  std::string path_;
  OwnedFd fd_;
  bool is_replaced_ = false;          // it was there before, and still has what it had
  std::optional<NameKeeper> keeper_;  // of a file that would stay behind
};

// Says whether a capture may be written there that has no ending to tell its format: a pipe or a device.
bool is_pipe_or_device(const std::string& path);

}  // namespace labreel
