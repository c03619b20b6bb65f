#include "recorder/verbs/trust.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <vector>

#include "engine/lab/lab_file.h"
#include "engine/text/text.h"
#include "recorder/pack/demo_files.h"
#include "recorder/pack/packed_paths.h"
#include "recorder/session/recorded_lab.h"
#include "recorder/verbs/reading_child.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/import/imported.h"
#include "replay/reel_log.h"
#include "store/packed_files.h"

namespace labreel {
namespace {

constexpr std::chrono::seconds kReading_max{60};

// Gathers, line by line, what runs.
class Account {
 public:
  // `folder` is where node files are taken from, for a person; empty: from the reel itself.
  void take(const LabFile& lab, const std::string& folder) {
    for (const NodeDef& node : lab.nodes) {
      for (const FileDef& file : node.files) add(node.name, "gets", file.node_path + " from " + source_of(file.host_path, folder));
      for (const std::string& command : node.exec) add(node.name, "runs", command);
    }
    if (!lab.image.empty()) add("nodes", "have", "the image " + source_of(lab.image, folder));
    take(lab.scenario);
    for (const WatchDef& watch : lab.watches) add(watch.condition.node, "runs", watch.condition.run + "  (watched)");
  }
  void take(const TypedCommand& typed) {
    std::string words = typed.request.verb;
    for (const std::string& argument : typed.request.arguments) words += " " + argument;
    if (!typed.keys.empty()) words = "keys on a console: " + typed.keys;
    add("typed", "", words);
  }
  std::string text() const { return text_; }

 private:
  static std::string source_of(const std::string& path, const std::string& folder) {
    if (folder.empty()) return "the reel's " + path;
    return (std::filesystem::path{folder} / path).lexically_normal().string();
  }
  void take(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (const auto* wait = std::get_if<WaitStep>(&step.action)) add(wait->condition.node, "runs", wait->condition.run);
      if (const auto* expect = std::get_if<ExpectStep>(&step.action)) add(expect->condition.node, "runs", expect->condition.run);
      if (const auto* exec = std::get_if<ExecStep>(&step.action)) add(exec->node, "runs", exec->run);
      if (const auto* parallel = std::get_if<ParallelStep>(&step.action)) take(parallel->steps);
      if (const auto* repeat = std::get_if<RepeatStep>(&step.action)) take(repeat->steps);
    }
  }
  void add(const std::string& who, const std::string& does, const std::string& what) {
    text_ += fmt::format("  {} {}{}{}\n", printable(who), does, does.empty() ? "" : " ", printable(what));
  }

  std::string text_;
};

Result<std::string> account_of_packed(const ReelFiles& taken) {
  const std::string& reel = taken.path();
  const ReelReader reader = open_reel(taken);
  const PackedFiles files = value_or_throw(PackedFiles::open(taken));
  if (files.entries().empty()) return Error{ErrorKind::usage, "has no lab packed into it", reel, "labreel pack " + reel};
  const PackedLab packed = value_or_throw(packed_lab_of(ReelLog{reader}), reel);
  const PackedEntry* const entry = files.find(packed.name);
  if (entry == nullptr) {
    return Error{ErrorKind::input, fmt::format("its lab file {} is not among its packed files", packed.name), reel,
                 "labreel pack " + reel};
  }
  const LabFile lab = value_or_throw(parse_lab_file(value_or_throw(files.read(*entry), reel), packed.name));
  throw_unless_ok(check_packed_paths(lab));
  Account account;
  account.take(lab, {});
  return account.text();
}

Result<std::string> account_of_recorded(const ReelFiles& taken) {
  const std::string& path = taken.path();
  const ReelReader reel = open_reel(taken);
  const ReelLog log{reel};
  const auto begun = beginning_of(log);
  if (!begun || is_imported(*begun)) return nothing_to_reexecute();
  const std::string lab_file = lab_file_path(log);
  const LabFile lab = value_or_throw(parse_lab_file(begun->lab_file, lab_file));
  const PackedFiles files = value_or_throw(PackedFiles::open(taken));
  const auto packed = packed_lab_of(log);
  const bool is_packed = packed && files.find(packed->name) != nullptr;
  if (is_packed) throw_unless_ok(check_packed_paths(lab));
  Account account;
  account.take(lab, is_packed ? std::string{} : std::filesystem::path{lab_file}.parent_path().string());
  for (const TypedCommand& typed : value_or_throw(typed_commands(log), path).commands) account.take(typed);
  return account.text();
}

Result<std::string> account_of(const ReelFiles& reel, RunsOf what) {
  return what == RunsOf::packed_lab ? account_of_packed(reel) : account_of_recorded(reel);
}

bool person_agrees() {
  fmt::print(stderr, "run this here? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

void require_trust(const ReelFiles& reel, RunsOf what, Trust trust) {
  const bool asks = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
  if (trust == Trust::given || (trust == Trust::by_level && !asks)) return;
  ChildLimits limits;
  limits.time = kReading_max;
  const std::string account = value_or_throw(in_reading_child([&] { return account_of(reel, what); }, limits));
  if (!asks) {
    throw VerbError(Error{ErrorKind::usage,
                          fmt::format("this runs the commands that the reel holds, on this host, in nodes: {} of them",
                                      std::count(account.begin(), account.end(), '\n')),
                          reel.path(), "if you trust whoever made it: --trust; on a terminal they are shown, and you are asked"});
  }
  say(fmt::format("{}: running it executes this on this host, in nodes:\n{}", printable(reel.path()), account));
  if (!person_agrees()) throw VerbError(Error{ErrorKind::usage, "not run: it is not trusted", reel.path()});
}

}  // namespace labreel
