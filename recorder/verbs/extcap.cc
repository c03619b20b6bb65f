// labreel extcap: puts labs and reels among Wireshark's interfaces, and takes them away again.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "engine/os/resources.h"
#include "recorder/verbs/verb.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "labreel-extcap";
constexpr const char* kSystemFolder = "/usr/lib/x86_64-linux-gnu/wireshark/extcap";

// In the folder of programs that people do not start when installed, in its own folder in a build tree.
fs::path extcap_program() {
  const fs::path labreel = fs::read_symlink("/proc/self/exe");
  const std::string prefix = installed_prefix();
  const fs::path path = prefix.empty() ? labreel.parent_path() / "extcap" / kProgram
                                       : fs::path{prefix} / "libexec/labreel" / kProgram;
  if (fs::exists(path)) return path;
  throw VerbError(Error{ErrorKind::host, fmt::format("there is no {}", path.string()), {},
                        prefix == "/usr"  ? "sudo apt install labreel-wireshark"
                        : prefix.empty() ? "build it: cmake --build --preset release"
                                         : "install it: cmake --install .build/release --prefix " + prefix});
}

fs::path install_folder(bool for_all) {
  if (for_all) return kSystemFolder;
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') throw VerbError(Error{ErrorKind::host, "HOME is not set"});
  return fs::path{home} / ".config/wireshark/extcap";  // the one that Wireshark 4.0 looks into, whatever XDG says
}

void throw_if(const std::error_code& failure, const char* attempt, const fs::path& path, bool for_all) {
  if (!failure) return;
  throw VerbError(Error{ErrorKind::host, fmt::format("cannot {}: {}", attempt, failure.message()), path.string(),
                        for_all ? "the system's folder is root's: sudo labreel extcap … --system" : ""});
}

struct ExtcapOptions {
  bool for_all = false;
  bool force = false;
};

// A link to some labreel-extcap is ours; anything else was put there by somebody else.
void refuse_what_is_not_ours(const fs::path& link, const ExtcapOptions& options) {
  std::error_code failure;
  const fs::file_status there = fs::symlink_status(link, failure);
  if (!fs::exists(there) || options.force) return;
  const bool is_ours = fs::is_symlink(there) && fs::read_symlink(link, failure).filename() == kProgram;
  if (is_ours) return;
  throw VerbError(Error{ErrorKind::usage, "this is not a link that labreel made", link.string(),
                        "look at it; --force takes it away all the same"});
}

int install(const ExtcapOptions& options) {
  const bool for_all = options.for_all;
  const fs::path program = extcap_program();
  const fs::path folder = install_folder(for_all);
  const fs::path link = folder / kProgram;
  refuse_what_is_not_ours(link, options);
  std::error_code failure;
  fs::create_directories(folder, failure);
  throw_if(failure, "make the folder", folder, for_all);
  fs::remove(link, failure);
  throw_if(failure, "replace what is there", link, for_all);
  fs::create_symlink(program, link, failure);
  throw_if(failure, "make the link", link, for_all);
  fmt::print("{} -> {}\n", link.string(), program.string());
  fmt::print(stderr, "Wireshark lists running labs, and the reels of LABREEL_REELS or of the folder it starts in\n");
  return kExitDone;
}

int remove(const ExtcapOptions& options) {
  const bool for_all = options.for_all;
  const fs::path link = install_folder(for_all) / kProgram;
  refuse_what_is_not_ours(link, options);
  std::error_code failure;
  const bool was_there = fs::remove(link, failure);
  throw_if(failure, "remove it", link, for_all);
  fmt::print(stderr, "{} {}\n", link.string(), was_there ? "is removed" : "is not there");
  return kExitDone;
}

}  // namespace

void add_extcap(CLI::App& app, int& exit_code) {
  CLI::App* const group = app.add_subcommand("extcap", "Labs and reels among Wireshark's interfaces");
  group->require_subcommand(1);
  auto options = std::make_shared<ExtcapOptions>();
  const auto add = [&](const char* name, const char* about, int (*run)(const ExtcapOptions&)) {
    CLI::App* const verb = group->add_subcommand(name, about);
    verb->add_flag("--system", options->for_all, "For all users of this host (needs root)");
    verb->add_flag("--force", options->force, "Also if something that labreel did not put there lies in its place");
    verb->callback([options, run, &exit_code] { exit_code = run(*options); });
  };
  add("install", "Link labreel-extcap into Wireshark's personal folder", install);
  add("remove", "Take it out again", remove);
}

}  // namespace labreel
