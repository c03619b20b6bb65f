#include "engine/os/resources.h"

#include <filesystem>

namespace labreel {

std::string installed_prefix() {
  namespace fs = std::filesystem;
  std::error_code failure;
  const fs::path folder = fs::read_symlink("/proc/self/exe", failure).parent_path();
  const fs::path prefix = folder.parent_path();
  const bool installed = folder.filename() == "bin" && fs::is_directory(prefix / "share/labreel", failure);
  return installed ? prefix.string() : std::string{};
}

std::string resource_path(const std::string& installed, const std::string& in_source) {
  const std::string prefix = installed_prefix();
  return prefix.empty() ? std::string{LABREEL_SOURCE_TREE "/"} + in_source : prefix + "/" + installed;
}

}  // namespace labreel
