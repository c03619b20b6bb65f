// labreel mark: puts a marker in the recording now.
#include <memory>

#include "engine/lab/lab_verbs.h"
#include "recorder/verbs/live.h"

namespace labreel {

void add_mark(CLI::App& app, int& exit_code) {
  struct Options {
    std::string lab, name, note;
  };
  auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("mark", std::string(lab_verb("mark")->help));
  add_lab_option(*verb, options->lab);
  verb->add_option("NAME", options->name, "The marker's name; it starts with a letter")->required();
  verb->add_option("NOTE", options->note, "What to look at here");
  verb->callback([options, &exit_code] {
    std::vector<std::string> arguments{options->name};
    if (!options->note.empty()) arguments.push_back(options->note);
    exit_code = give_command(options->lab, "mark", arguments);
  });
}

}  // namespace labreel
