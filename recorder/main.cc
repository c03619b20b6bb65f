// labreel: the program. Each verb is one file in verbs/; this one lists them and turns errors into words and exit
// codes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/core/suggest.h"
#include "engine/os/resources.h"
#include "engine/text/text.h"
#include "recorder/manual/examples.h"
#include "recorder/manual/pages.h"
#include "recorder/verbs/complete.h"
#include "recorder/verbs/help.h"
#include "recorder/verbs/verb.h"

namespace labreel {

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::differs:
      return 1;
    case ErrorKind::usage:
      return 2;
    case ErrorKind::input:
      return 3;
    case ErrorKind::host:
      return 4;
    case ErrorKind::lab:
      return 5;
  }
  return 1;
}

void print_error(const Error& error) {
  std::fflush(stdout);
  fmt::print(stderr, "labreel: {}{}{}\n", printable(error.place), error.place.empty() ? "" : ": ",
             printable_lines(error.what));
  if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", printable(error.hint));
}

namespace {

constexpr std::array kVerbs{add_run,    add_stop,   add_ps,     add_exec,   add_connect, add_node,   add_link,
                            add_lan,    add_mark,   add_info,   add_ls,     add_events,  add_query,  add_replay,
                            add_show,   add_export, add_import, add_open,   add_extcap,  add_pack,   add_unpack,
                            add_check,  add_verify, add_diff,   add_rerun,  add_branch,  add_kernel, add_image,
                            add_doctor, add_completion, add_help, add_version};

// CLI11 only says that a subcommand is required when it does not know the word.
Error explain_parse_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const CLI::App* deepest = &app;
  int word = 1;
  while (word < argc) {
    const auto subcommands = deepest->get_subcommands([](const CLI::App*) { return true; });
    const CLI::App* chosen = nullptr;
    for (const CLI::App* sub : subcommands) {
      if (sub->get_name() == argv[word]) chosen = sub;
    }
    if (chosen == nullptr) break;
    deepest = chosen;
    ++word;
  }
  std::vector<std::string> names;
  for (const CLI::App* sub : deepest->get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  std::string path = "labreel";
  for (int i = 1; i < word; ++i) path += std::string{" "} + argv[i];
  const std::string hint = path + " --help";
  if (!names.empty() && word < argc && argv[word][0] != '-') {
    return Error{
        ErrorKind::usage, fmt::format("no command {}{}", argv[word], did_you_mean(argv[word], names)), {}, hint};
  }
  if (!names.empty() && word >= argc) {
    return Error{ErrorKind::usage, "a command is needed", {}, hint};
  }
  for (int i = word; i < argc; ++i) {
    const std::string text = argv[i];
    const std::string option = text.substr(0, text.find('='));
    if (!option.starts_with("--") || option.size() == 2) continue;
    std::vector<std::string> options;
    for (const CLI::Option* known : deepest->get_options()) {
      for (const std::string& name : known->get_lnames()) options.push_back("--" + name);
    }
    if (std::find(options.begin(), options.end(), option) == options.end()) {
      return Error{ErrorKind::usage, fmt::format("no option {}{}", option, did_you_mean(option, options)), {}, hint};
    }
  }
  return Error{ErrorKind::usage, error.what(), {}, hint};
}

// A lab file to start with, that is there.
std::string first_lab() {
  const std::string here = "samples/two-hosts/lab.yml";
  return std::filesystem::exists(here) ? here : resource_path("share/labreel/" + here, here);
}

// A word that completes, or a word, a tab and what it means.
void print_answer(const std::string& answer) {
  const std::size_t tab = std::min(answer.find('\t'), answer.size());
  const std::string meaning = tab == answer.size() ? "" : "\t" + printable(answer.substr(tab + 1));
  fmt::print("{}{}\n", printable(answer.substr(0, tab)), meaning);
}

// Words that are not for people: what completion scripts ask, what writes man pages when labreel is installed, and what
// only looks whether a command line is one. Returns true if it was one of those.
bool did_hidden_word(CLI::App& app, int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "__complete") {
    for (const std::string& answer : complete(app, {argv + 2, argv + argc})) print_answer(answer);
    return true;
  }
  if (word == "__man" && argc == 4) {
    write_manual(app, argv[2], argv[3]);
    return true;
  }
  if (word == "__parse") {
    app.parse_complete_callback([] { throw CLI::Success(); });  // all is read, and no verb has begun
    try {
      app.parse(argc - 1, argv + 1);
    } catch (const CLI::Success&) {
      return true;
    } catch (const CLI::ParseError& error) {
      throw VerbError(explain_parse_error(app, error, argc - 1, argv + 1));
    }
    return true;
  }
  return false;
}

// What --help of the deepest verb says that was named.
void print_help(const CLI::App& app) {
  const CLI::App* deepest = &app;
  std::string before;
  while (!deepest->get_subcommands().empty()) {
    before += (before.empty() ? "" : " ") + deepest->get_name();
    deepest = deepest->get_subcommands().front();
  }
  fmt::print("{}", deepest->help(before));
}

int run_program(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), not our end
  CLI::App app{
      "labreel records network labs: run a lab of real machines, keep every command and every frame in one reel"};
  app.name("labreel");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text());
  int exit_code = kExitDone;
  for (const AddVerb add : kVerbs) add(app, exit_code);
  add_examples(app);
  app.footer("Start with: labreel run " + first_lab());  // after the verbs, which would inherit it
  if (did_hidden_word(app, argc, argv)) return kExitDone;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_help(app);
  } catch (const CLI::CallForVersion&) {
    fmt::print("{}\n", version_text());
  } catch (const CLI::ParseError& error) {
    const Error explained = explain_parse_error(app, error, argc, argv);
    print_error(explained);
    return exit_code_of(explained.kind);
  }
  return exit_code;
}

}  // namespace
}  // namespace labreel

int main(int argc, char** argv) {
  using labreel::Error;
  using labreel::ErrorKind;
  try {
    const int exit_code = labreel::run_program(argc, argv);
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
    if (errno == EPIPE) return exit_code;  // `labreel events | head`: the reader has seen enough
    labreel::print_error(Error{ErrorKind::host, std::string{"cannot write to stdout: "} + std::strerror(errno)});
    return labreel::exit_code_of(ErrorKind::host);
  } catch (const labreel::VerbError& failure) {
    labreel::print_error(failure.error());
    return labreel::exit_code_of(failure.error().kind);
  } catch (const std::system_error& failure) {
    labreel::print_error(Error{ErrorKind::host, failure.what()});
    return labreel::exit_code_of(ErrorKind::host);
  } catch (const std::bad_alloc&) {
    labreel::print_error(Error{ErrorKind::host, "out of memory"});
    return labreel::exit_code_of(ErrorKind::host);
  }
}
