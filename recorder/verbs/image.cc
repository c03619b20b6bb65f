// labreel image build: a root for the guests of virtual-time labs, the same on every host.
#include "engine/nodes/uml/image.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "recorder/verbs/recording.h"
#include "recorder/verbs/verb.h"

namespace labreel {
namespace {

struct ImageOptions {
  std::string output;
  std::vector<std::string> packages;
};

int build(const ImageOptions& options) {
  refuse_existing(options.output);
  throw_unless_ok(build_image(options.output, options.packages, [](std::string_view line) { say(std::string{line}); }));
  fmt::print("{}\n", options.output);
  say(fmt::format("{:.1f} MB; a lab file names it with `image: {}`",
                  static_cast<double>(std::filesystem::file_size(options.output)) / 1e6, options.output));
  return kExitDone;
}

}  // namespace

void add_image(CLI::App& app, int& exit_code) {
  CLI::App* const group = app.add_subcommand("image", "Roots for guests of labs in virtual time");
  group->require_subcommand(1);
  auto options = std::make_shared<ImageOptions>();
  CLI::App* const verb = group->add_subcommand(
      "build", "Build one from Debian packages and what they need: same packages and versions, same bytes");
  verb->add_option("-o,--output", options->output, "The file to write, never over one")->required();
  verb->add_option("PACKAGE", options->packages, "Debian packages: frr iproute2 iputils-ping …")->required();
  verb->callback([options, &exit_code] { exit_code = build(*options); });
}

}  // namespace labreel
