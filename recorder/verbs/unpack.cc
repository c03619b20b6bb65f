// labreel unpack: a reel's packed files, into a folder.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/core/suggest.h"
#include "engine/text/text.h"
#include "recorder/lock/name_keeper.h"
#include "recorder/pack/unpack_files.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "store/reel_files.h"

namespace labreel {
namespace {

struct UnpackOptions {
  std::string reel;
  std::string output;
  std::string printed;
  bool force = false;
};

// Prints one file where a person can read it: what would steer a terminal is escaped there.
int print_packed(const PackedFiles& files, const std::string& reel, const std::string& name) {
  const PackedEntry* const entry = files.find(name);
  if (entry == nullptr) {
    std::vector<std::string> names;
    for (const PackedEntry& known : files.entries()) names.push_back(known.name);
    throw VerbError(Error{ErrorKind::usage, "has no packed file " + printable(name) + did_you_mean(name, names), reel,
                          "labreel info lists them"});
  }
  const std::string content = value_or_throw(files.read(*entry), reel);
  if (::isatty(STDOUT_FILENO) == 0) {
    fmt::print("{}", content);
    return kExitDone;
  }
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    fmt::print("{}\n", printable(std::string_view{content}.substr(begin, end - begin)));
    begin = end + 1;
  }
  return kExitDone;
}

int unpack(const UnpackOptions& options) {
  const std::string reel = choose_reel(options.reel);
  const ReelFiles taken = value_or_throw(ReelFiles::take(reel));
  const std::string folder = options.output.empty() ? std::filesystem::path{reel}.stem().string() : options.output;
  std::optional<NameKeeper> made;
  if (options.printed.empty()) {
    // A folder that was made for nothing goes again.
    if (std::filesystem::create_directories(folder)) made.emplace(folder);
    lock_before_reading(folder);
  } else {
    lock_before_reading();
  }
  const PackedFiles files = value_or_throw(PackedFiles::open(taken));
  if (files.entries().empty()) {
    throw VerbError(Error{ErrorKind::usage, "has no packed files", reel, "labreel pack " + reel});
  }
  if (!options.printed.empty()) return print_packed(files, reel, options.printed);
  throw_unless_ok(unpack_files(files, folder, options.force ? ExistingFiles::replace : ExistingFiles::refuse));
  if (made) made->keep();
  for (const PackedEntry& entry : files.entries()) fmt::print("{}/{}\n", printable(folder), printable(entry.name));
  say(fmt::format("{}: {} file{} unpacked into {}", printable(reel), files.entries().size(), files.entries().size() == 1 ? "" : "s",
                  printable(folder)));
  return kExitDone;
}

}  // namespace

void add_unpack(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<UnpackOptions>();
  CLI::App* const verb = app.add_subcommand("unpack", "Take a reel's packed files out, into a folder");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_option("-o,--output", options->output, "The folder; default: the reel's name without its ending");
  verb->add_flag("--force", options->force, "Replace files that are there");
  verb->add_option("--print", options->printed, "Print this packed file, and unpack nothing");
  verb->callback([options, &exit_code] { exit_code = unpack(*options); });
}

}  // namespace labreel
