// labreel help: what --help of a verb says.
#include "recorder/verbs/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "engine/core/suggest.h"
#include "recorder/verbs/verb.h"

namespace labreel {

void add_help(CLI::App& app, int& exit_code) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* const verb = app.add_subcommand("help", "Explain a command: labreel help link set");
  verb->add_option("COMMAND", *words, "The command, in one or two words; without, all are listed");
  verb->callback([&app, words, &exit_code] {
    const CLI::App* found = &app;
    std::string path = app.get_name();
    for (const std::string& word : *words) {
      std::vector<std::string> names;
      const CLI::App* next = nullptr;
      for (const CLI::App* const sub : found->get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(sub->get_name());
        if (sub->get_name() == word) next = sub;
      }
      if (next == nullptr) {
        throw VerbError(
            Error{ErrorKind::usage, fmt::format("no command {}{}", word, did_you_mean(word, names)), {}, "labreel help"});
      }
      path += " " + word;
      found = next;
    }
    // Not help() of it, which goes on to the subcommand that was chosen: this one.
    fmt::print("{}", found->get_formatter()->make_help(found, path, CLI::AppFormatMode::Normal));
    exit_code = kExitDone;
  });
}

}  // namespace labreel
