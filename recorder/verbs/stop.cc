// labreel stop: ends a running lab and waits until its reel is sealed.
#include <fmt/format.h>

#include <memory>

#include "engine/core/usage_error.h"
#include "engine/text/text.h"
#include "recorder/verbs/live.h"

namespace labreel {

void add_stop(CLI::App& app, int& exit_code) {
  struct Options {
    std::string named, lab;
  };
  auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("stop", "Stop a running lab and seal its reel");
  verb->add_option("LAB", options->named, "The lab's name, as with --lab; default: the only one that runs");
  add_lab_option(*verb, options->lab);
  verb->callback([options, &exit_code] {
    if (!options->named.empty() && !options->lab.empty() && options->named != options->lab) {
      throw VerbError(usage_error("two labs are named, " + printable(options->named) + " and " + printable(options->lab),
                                  "stop LAB is stop --lab LAB: stop one, then the other"));
    }
    ControlClient client = connect_to_lab(options->named.empty() ? options->lab : options->named);
    const LabStatus status = value_or_throw(client.status());
    throw_unless_ok(client.stop());
    fmt::print(stderr, "{} has stopped; its reel is {}\n", printable(status.lab), printable(status.reel));
    exit_code = kExitDone;
  });
}

}  // namespace labreel
