// OutputFile: the one file that a verb writes, never over another unless that was asked for.
#pragma once

#include <string>

#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: opened before anything is read; half of a file does not stay behind. Pipes and devices are written as they are,
//        and `-` is stdout.
class OutputFile {
 public:
  // Errors: throws VerbError for a file that is there (without `force`) or a folder; std::system_error.
  OutputFile(const std::string& path, bool force);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  int fd() const;
  // Call when what will be written is known to be right: only now a file that is replaced loses what it had.
  void begin();
  void keep() { is_kept_ = true; }

 private:
  std::string path_;
  OwnedFd fd_;
  bool is_regular_ = false;
  bool is_replaced_ = false;  // it was there before, and still has what it had
  bool is_kept_ = false;
};

// Says whether a capture may be written there that has no ending to tell its format: a pipe or a device.
bool is_pipe_or_device(const std::string& path);

}  // namespace labreel
