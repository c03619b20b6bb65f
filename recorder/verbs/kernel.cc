// labreel kernel build: the kernel of virtual-time labs, ahead of the first one.
#include <fmt/format.h>

#include <memory>

#include "engine/nodes/uml/kernel_cache.h"
#include "recorder/verbs/verb.h"

namespace labreel {

void add_kernel(CLI::App& app, int& exit_code) {
  CLI::App* const group = app.add_subcommand("kernel", "The kernel of labs in virtual time");
  group->require_subcommand(1);
  CLI::App* const build = group->add_subcommand("build", "Build it from Debian's kernel source, unless it is there");
  build->callback([&exit_code] {
    throw_unless_ok(build_uml_kernel([](std::string_view line) { fmt::print(stderr, "{}\n", line); }));
    fmt::print("{}\n", find_uml_kernel().path);
    exit_code = kExitDone;
  });
  CLI::App* const show = group->add_subcommand("show", "Say where it is, or what is missing to build it");
  show->callback([&exit_code] {
    const UmlKernel kernel = find_uml_kernel();
    if (!kernel.built) {
      const std::string lacks = kernel.missing.empty() ? "" : "; missing to build it: " + kernel.missing;
      throw VerbError(Error{ErrorKind::host, "it is not built" + lacks, kernel.path, "labreel kernel build"});
    }
    fmt::print("{}\n", kernel.path);
    exit_code = kExitDone;
  });
  CLI::App* const install = group->add_subcommand("install", "Put it where every user of this host finds it");
  auto folder = std::make_shared<std::string>("/usr/local/lib/labreel/kernel");
  install->add_option("--folder", *folder, "The folder; default: /usr/local/lib/labreel/kernel (needs root)");
  install->callback([folder, &exit_code] {
    throw_unless_ok(install_uml_kernel(find_uml_kernel(), *folder));
    fmt::print("{}/linux\n", *folder);
    exit_code = kExitDone;
  });
}

}  // namespace labreel
