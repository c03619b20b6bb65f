#include "engine/nodes/uml/kernel_cache.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/nodes/uml/file_hash.h"
#include "engine/nodes/uml/recipe.h"
#include "engine/os/resources.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgramFile = "linux";
constexpr const char* kRecipeFile = "recipe";  // recipe_hash() of what it was built by
constexpr const char* kKeyFile = "key";
constexpr const char* kRecipe = "kernel";

std::string text_of_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Names the recipe alone: unlike the key, it is the same on a host without a compiler.
std::string recipe_hash() {
  const fs::path folder = recipe_folder(kRecipe);
  std::string all = text_of_file(folder / "build") + text_of_file(folder / "config.fragment");
  std::vector<fs::path> patches;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder / "patches", failure)) patches.push_back(entry.path());
  std::ranges::sort(patches);
  for (const fs::path& patch : patches) all += text_of_file(patch);
  return sha256_hex(all);
}

Status install_files(const UmlKernel& kernel, const fs::path& folder) {
  std::error_code failure;
  const auto refused = [&](const fs::path& path) {
    return Error{ErrorKind::host, "cannot write: " + failure.message(), path.string(), "a folder of all users is root's"};
  };
  if (fs::create_directories(folder, failure); failure) return refused(folder);
  // Labs that run keep the one that they have open; new ones see the old or the new one, never a part.
  const fs::path program = folder / kProgramFile;
  const fs::path part = folder / ".linux.part";
  fs::copy_file(kernel.path, part, fs::copy_options::overwrite_existing, failure);
  if (!failure) fs::permissions(part, fs::perms{0755}, failure);
  if (!failure) fs::rename(part, program, failure);
  if (failure) return refused(program);
  for (const auto& [name, text] : {std::pair{kKeyFile, kernel.key}, std::pair{kRecipeFile, recipe_hash()}}) {
    std::ofstream out(folder / name, std::ios::binary);
    if (out << text << '\n'; !out.flush()) return Error{ErrorKind::host, "cannot write it", (folder / name).string(), {}};
  }
  return ok_status();
}

}  // namespace

std::vector<std::string> kernel_folders() {
  constexpr const char* folder = "/lib/labreel/kernel";
  std::vector<std::string> folders;
  if (const std::string prefix = installed_prefix(); !prefix.empty()) folders.push_back(prefix + folder);
  for (const char* const prefix : {"/usr/local", "/usr"}) folders.push_back(std::string{prefix} + folder);
  return folders;
}

UmlKernel find_uml_kernel(const std::vector<std::string>& folders) {
  UmlKernel kernel;
  const std::string recipe = recipe_hash() + "\n";
  for (const fs::path folder : folders) {
    const fs::path program = folder / kProgramFile;
    if (::access(program.c_str(), X_OK) != 0 || text_of_file(folder / kRecipeFile) != recipe) continue;
    kernel.path = program;
    kernel.key = text_of_file(folder / kKeyFile);
    if (kernel.key.ends_with('\n')) kernel.key.pop_back();
    kernel.built = kernel.installed = true;
    return kernel;
  }
  kernel.path = words_of_recipe(build_script(kRecipe), {"path"});
  kernel.key = words_of_recipe(build_script(kRecipe), {"key"});
  kernel.built = ::access(kernel.path.c_str(), X_OK) == 0;
  kernel.missing = words_of_recipe(build_script(kRecipe), {"missing"});
  return kernel;
}

Status build_uml_kernel(const std::function<void(std::string_view)>& on_progress) {
  if (find_uml_kernel().built) return ok_status();
  std::string said;
  const int status = run_recipe(build_script(kRecipe), {"build"}, [&](std::string_view line) {
    said += std::string(line) + '\n';
    if (on_progress) on_progress(line);
  });
  if (status == 0) return ok_status();
  Error error{ErrorKind::host, "the kernel of uml nodes could not be built"};
  const UmlKernel kernel = find_uml_kernel();
  error.hint = kernel.missing.empty() ? said : "apt-get install " + kernel.missing;
  return error;
}

Status install_uml_kernel(const UmlKernel& kernel, const std::string& folder) {
  if (!kernel.built) return Error{ErrorKind::host, "it is not built", kernel.path, "labreel kernel build"};
  return install_files(kernel, folder);
}

}  // namespace labreel
