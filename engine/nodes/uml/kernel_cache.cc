#include "engine/nodes/uml/kernel_cache.h"

#include <unistd.h>

#include "engine/nodes/uml/recipe.h"

namespace labreel {
namespace {

const std::string kBuildScript = LABREEL_KERNEL_RECIPE "/build";

}  // namespace

UmlKernel find_uml_kernel() {
  UmlKernel kernel;
  kernel.path = words_of_recipe(kBuildScript, {"path"});
  kernel.key = words_of_recipe(kBuildScript, {"key"});
  kernel.built = ::access(kernel.path.c_str(), X_OK) == 0;
  kernel.missing = words_of_recipe(kBuildScript, {"missing"});
  return kernel;
}

Status build_uml_kernel(const std::function<void(std::string_view)>& on_progress) {
  std::string said;
  const int status = run_recipe(kBuildScript, {"build"}, [&](std::string_view line) {
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
