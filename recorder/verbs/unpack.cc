// labreel unpack: a reel's packed files, into a folder.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "recorder/pack/unpack_files.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"

namespace labreel {
namespace {

struct UnpackOptions {
  std::string reel;
  std::string output;
  bool force = false;
};

int unpack(const UnpackOptions& options) {
  const std::string reel = choose_reel(options.reel);
  const PackedFiles files = value_or_throw(PackedFiles::open(reel));
  if (files.entries().empty()) {
    throw VerbError(Error{ErrorKind::usage, "has no packed files", reel, "labreel pack " + reel});
  }
  const std::string folder = options.output.empty() ? std::filesystem::path{reel}.stem().string() : options.output;
  throw_unless_ok(unpack_files(files, folder, options.force ? ExistingFiles::replace : ExistingFiles::refuse));
  for (const PackedEntry& entry : files.entries()) fmt::print("{}/{}\n", folder, entry.name);
  say(fmt::format("{}: {} file{} unpacked into {}", reel, files.entries().size(), files.entries().size() == 1 ? "" : "s",
                  folder));
  return kExitDone;
}

}  // namespace

void add_unpack(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<UnpackOptions>();
  CLI::App* const verb = app.add_subcommand("unpack", "Take a reel's packed files out, into a folder");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_option("-o,--output", options->output, "The folder; default: the reel's name without its ending");
  verb->add_flag("--force", options->force, "Replace files that are there");
  verb->callback([options, &exit_code] { exit_code = unpack(*options); });
}

}  // namespace labreel
