#include "recorder/verbs/live.h"

#include "recorder/control/registry.h"

namespace labreel {

void add_lab_option(CLI::App& verb, std::string& lab) {
  verb.add_option("--lab", lab, "Which running lab, if there are several");
}

ControlClient connect_to_lab(const std::string& lab) {
  const RunningLab running = value_or_throw(find_lab(lab.empty() ? std::nullopt : std::optional{lab}));
  return value_or_throw(ControlClient::connect(running.socket));
}

int give_command(const std::string& lab, const std::string& verb, const std::vector<std::string>& arguments) {
  ControlClient client = connect_to_lab(lab);
  const CommandReply reply = value_or_throw(client.command(verb, arguments));
  if (reply.ok) return kExitDone;
  throw VerbError(Error{reply.kind, reply.error, {}, reply.hint});
}

}  // namespace labreel
