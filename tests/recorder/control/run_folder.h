// RunFolder: LABREEL_RUN_DIR set to a new folder while a test runs, so that no test sees real labs.
#pragma once

#include <stdlib.h>

#include <string>

#include "tests/temp_folder.h"

namespace labreel {

class RunFolder {
 public:
  RunFolder() { use(path()); }
  ~RunFolder() { ::unsetenv("LABREEL_RUN_DIR"); }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::string& path() const { return folder_.path(); }
  static void use(const std::string& folder) { ::setenv("LABREEL_RUN_DIR", folder.c_str(), 1); }

 private:
  TempFolder folder_;
};

}  // namespace labreel
