// labreel pack: what a demo needs goes into its reel, so that one file is all of it.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/text/text.h"
#include "recorder/pack/demo_files.h"
#include "recorder/pack/secrets.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/reel_log.h"
#include "store/reel_rewrite.h"

namespace labreel {
namespace {

struct PackOptions {
  std::string reel;
  std::vector<std::string> files;
  std::string from;
  bool with_secrets = false;
  bool force = false;
  bool compress = false;
};

// Names every line with a secret, and refuses: a reel is made to be given away.
void refuse_secrets(const std::vector<DemoFile>& files) {
  std::vector<Error> secrets;
  for (const DemoFile& file : files) {
    const PackedFile read = value_or_throw(read_demo_file(file));
    for (const Secret& secret : find_secrets(read.content)) {
      const std::string place = fmt::format("{}:{}", file.path.empty() ? file.name : file.path, secret.line);
      secrets.push_back({ErrorKind::usage, fmt::format("{} would be packed", secret.what), place, {}});
    }
  }
  if (secrets.empty()) return;
  secrets.back().hint = "take it out, or pack it all the same: labreel pack --with-secrets";
  for (std::size_t i = 0; i + 1 < secrets.size(); ++i) print_error(secrets[i]);
  throw VerbError(secrets.back());
}

// What goes into the reel. An imported capture has no lab: nothing, if it is only to be compressed.
std::vector<DemoFile> files_for(const std::string& reel, const PackOptions& options) {
  const ReelReader reader = value_or_throw(ReelReader::open(reel));
  const ReelLog log{reader};
  if (options.compress && options.files.empty() && !packed_lab_of(log)) return {};
  const PackedFiles packed = value_or_throw(PackedFiles::open(reel));
  auto found = demo_files(log, packed, {options.from, options.files});
  if (!found && found.error().place.empty()) value_or_throw(std::move(found), reel);
  return value_or_throw(std::move(found));
}

void pack_demo(const std::string& reel, const std::vector<DemoFile>& files, const PackOptions& options) {
  if (!options.with_secrets) refuse_secrets(files);
  std::size_t at = 0;
  Progress progress{"pack", files.size(), Progress::terminal(), "files"};
  const auto next = [&](PackedFile& file) -> Result<bool> {
    progress.at(at);
    if (at == files.size()) return false;
    Result<PackedFile> read = read_demo_file(files[at++]);
    if (!read) return read.error();
    file = std::move(*read);
    return true;
  };
  const std::size_t written =
      value_or_throw(pack_files(reel, next, options.force ? PackedBefore::replace : PackedBefore::refuse));
  progress.hide();
  const PackedFiles packed = value_or_throw(PackedFiles::open(reel));
  for (const PackedEntry& entry : packed.entries()) fmt::print("{}  {} bytes\n", printable(entry.name), entry.bytes);
  say(fmt::format("{}: {} file{} packed, {} of them now", printable(reel), packed.entries().size(),
                  packed.entries().size() == 1 ? "" : "s", written));
  say(fmt::format("  run it again, anywhere:  labreel run {}", printable(reel)));
}

void compress(const std::string& reel) {
  const auto before = std::filesystem::file_size(reel);
  std::optional<Progress> progress;
  throw_unless_ok(settle_reel(reel, Pages::compressed, [&progress](std::uint64_t done, std::uint64_t total) {
    if (!progress) progress.emplace("pack", total);
    progress->at(done);
  }));
  progress.reset();
  say(fmt::format("{}: compressed, {} bytes of {}", printable(reel), std::filesystem::file_size(reel), before));
}

int pack(const PackOptions& options) {
  const std::string reel = choose_reel(options.reel);
  if (const auto socket = ReelReader::live_recorder_of(reel)) {
    throw VerbError(Error{ErrorKind::usage, "is being recorded right now", reel, "stop the lab first: labreel stop"});
  }
  // What is packed is no newer recording: without a name, the newest reel is meant.
  std::error_code missing;
  const auto recorded = std::filesystem::last_write_time(reel, missing);
  if (missing) throw VerbError(Error{ErrorKind::input, "cannot be read: " + missing.message(), reel, {}});
  const std::vector<DemoFile> files = files_for(reel, options);
  if (!files.empty()) pack_demo(reel, files, options);
  if (options.compress) compress(reel);
  std::filesystem::last_write_time(reel, recorded);
  return kExitDone;
}

}  // namespace

void add_pack(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<PackOptions>();
  CLI::App* const verb =
      app.add_subcommand("pack", "Put the lab file, node files and more into the reel: one file is the whole demo");
  verb->add_option("REEL", options->reel, "The reel; it must be sealed")->required();
  verb->add_option("FILES", options->files, "Files to go along: notes, pictures");
  verb->add_option("--from", options->from, "The lab file's folder, if it is not where it was recorded");
  verb->add_flag("--with-secrets", options->with_secrets, "Pack files in which passwords or keys were found");
  verb->add_flag("--force", options->force, "Replace files that are packed already");
  verb->add_flag("--compress", options->compress, "Compress the reel's events, too; it is read as any other");
  verb->footer("Files lie in SQLite's own archive table: sqlite3 REEL -A --list shows them, too.");
  verb->callback([options, &exit_code] { exit_code = pack(*options); });
}

}  // namespace labreel
