// labreel stop: ends a running lab and waits until its reel is sealed.
#include <fmt/format.h>

#include <memory>

#include "recorder/verbs/live.h"

namespace labreel {

void add_stop(CLI::App& app, int& exit_code) {
  auto lab = std::make_shared<std::string>();
  CLI::App* const verb = app.add_subcommand("stop", "Stop a running lab and seal its reel");
  verb->add_option("LAB", *lab, "The lab's name; default: the only one that runs");
  verb->callback([lab, &exit_code] {
    ControlClient client = connect_to_lab(*lab);
    const LabStatus status = value_or_throw(client.status());
    throw_unless_ok(client.stop());
    fmt::print(stderr, "{} has stopped; its reel is {}\n", status.lab, status.reel);
    exit_code = kExitDone;
  });
}

}  // namespace labreel
