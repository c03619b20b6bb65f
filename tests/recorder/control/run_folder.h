// RunFolder: LABREEL_RUN_DIR set to a new folder while a test runs, so that no test sees real labs.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "engine/os/system_call.h"

namespace labreel {

class RunFolder {
 public:
  RunFolder() {
    std::string name = "/tmp/labreel-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) checked("make a folder " + name, -1);
    path_ = name;
    use(path_);
  }
  ~RunFolder() {
    ::unsetenv("LABREEL_RUN_DIR");
    std::filesystem::remove_all(path_);
  }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::string& path() const { return path_; }
  static void use(const std::string& folder) { ::setenv("LABREEL_RUN_DIR", folder.c_str(), 1); }

 private:
  std::string path_;
};

}  // namespace labreel
