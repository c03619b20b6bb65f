#include "engine/nodes/uml/kernel_cache.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

namespace labreel {
namespace {

const std::string kBuildScript = LABREEL_KERNEL_RECIPE "/build";

// Runs the build script, hands each line that it prints to `on_line`, and returns its exit status.
int run_script(const std::string& arguments, const std::function<void(std::string_view)>& on_line) {
  std::FILE* const output = ::popen(("exec '" + kBuildScript + "' " + arguments + " 2>&1").c_str(), "re");
  if (output == nullptr) return -1;
  std::array<char, 1024> line{};
  while (std::fgets(line.data(), static_cast<int>(line.size()), output) != nullptr) {
    std::string_view text = line.data();
    if (text.ends_with('\n')) text.remove_suffix(1);
    on_line(text);
  }
  const int status = ::pclose(output);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string first_line(const std::string& arguments) {
  std::string first;
  run_script(arguments, [&](std::string_view line) {
    if (first.empty()) first = line;
  });
  return first;
}

}  // namespace

UmlKernel find_uml_kernel() {
  UmlKernel kernel;
  kernel.path = first_line("path");
  kernel.key = first_line("key");
  kernel.built = ::access(kernel.path.c_str(), X_OK) == 0;
  run_script("missing", [&](std::string_view package) {
    kernel.missing += (kernel.missing.empty() ? "" : " ") + std::string(package);
  });
  return kernel;
}

Status build_uml_kernel(const std::function<void(std::string_view)>& on_progress) {
  std::string said;
  const int status = run_script("build", [&](std::string_view line) {
    said += std::string(line) + '\n';
    if (on_progress) on_progress(line);
  });
  if (status == 0) return ok_status();
  Error error{ErrorKind::host, "the kernel of uml nodes could not be built"};
  const UmlKernel kernel = find_uml_kernel();
  error.hint = kernel.missing.empty() ? said : "apt-get install " + kernel.missing;
  return error;
}

}  // namespace labreel
