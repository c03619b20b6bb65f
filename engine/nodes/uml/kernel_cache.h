// The kernel of uml nodes: where it is kept, and how it comes to be there.
//
// It is looked for where it is installed for everybody, then in the user's own cache. An installed one says which recipe
// it was built by; one of another recipe is passed over, so that an old package does not change what a lab does.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace labreel {

// Shape: `key` names all that the kernel is built from: the config, the patches, the build script, the source package
// and
//        the compiler. The same key is the same binary.
struct UmlKernel {
  std::string path;  // FOLDER/linux of an installed one; else $XDG_CACHE_HOME/labreel/uml-KEY/linux, or below ~/.cache
  std::string key;
  bool built = false;
  bool installed = false;  // for everybody, rather than in the user's cache
  std::string missing;     // what the host lacks to build it, for people; empty if nothing, or if none is needed
};

// Where kernels are installed for everybody, in the order of the search: beside an installed labreel, then /usr/local,
// then /usr.
std::vector<std::string> kernel_folders();

UmlKernel find_uml_kernel(const std::vector<std::string>& folders = kernel_folders());

// Builds the kernel if it is not there; waits if another process is at it.
//
// Shape:  `on_progress` hears lines such as "123 of 1400 files, about 4 minutes left".
// Errors: Error{host} with what is missing, or the end of the build's log.
Status build_uml_kernel(const std::function<void(std::string_view)>& on_progress);

// Copies a kernel that is built into a folder, where find_uml_kernel() finds it for every user; over an older one.
//
// Errors: Error{host} if it is not built, or the folder cannot be written.
Status install_uml_kernel(const UmlKernel& kernel, const std::string& folder);

}  // namespace labreel
