#include "recorder/verbs/virtual_lab.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "engine/nodes/uml/kernel_cache.h"
#include "engine/nodes/uml/launch.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/verb.h"

namespace labreel {
UmlOptions prepare_guests(const LabFile& file) {
  UmlKernel kernel = find_uml_kernel();
  if (!kernel.built) {
    fmt::print(stderr, "building the kernel of uml nodes; this happens once and takes some minutes\n");
    throw_unless_ok(build_uml_kernel([](std::string_view line) {
      if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "  {}\n", line);
    }));
    kernel = find_uml_kernel();
  }
  if (file.strict && !can_hide_cpuid()) {
    say("this CPU does not let cpuid trap: guests see its real identity, and its own random numbers (rdrand) differ");
  }
  UmlOptions options;
  options.kernel = kernel.path;
  options.seed = file.seed;
  options.strict = file.strict;
  if (!file.image.empty()) {
    namespace fs = std::filesystem;
    options.image = fs::absolute(fs::path{file.directory} / file.image).lexically_normal();
  }
  return options;
}

}  // namespace labreel
