// The kernel of uml nodes: where it is kept, and how it comes to be there.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace labreel {

// Shape: `key` names all that the kernel is built from: the config, the patches, the build script, the source package
// and
//        the compiler. The same key is the same binary.
struct UmlKernel {
  std::string path;  // $XDG_CACHE_HOME/labreel/uml-KEY/linux, or below ~/.cache
  std::string key;
  bool built = false;
  std::string missing;  // what the host lacks to build it, for people; empty if nothing
};

UmlKernel find_uml_kernel();

// Builds the kernel if it is not there; waits if another process is at it.
//
// Shape:  `on_progress` hears lines such as "123 of 1400 files, about 4 minutes left".
// Errors: Error{host} with what is missing, or the end of the build's log.
Status build_uml_kernel(const std::function<void(std::string_view)>& on_progress);

}  // namespace labreel
