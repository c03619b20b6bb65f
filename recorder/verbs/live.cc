#include "recorder/verbs/live.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "engine/text/text.h"
#include "recorder/control/registry.h"

namespace labreel {
namespace {

constexpr const char* kLabVariable = "LABREEL_LAB";

// A name alone means the first marker of that name: whoever gives it again, also from a script, must know.
void say_which_marker(const std::string& name, std::uint32_t occurrence) {
  if (occurrence < 2) return;
  fmt::print(stderr, "this is marker {0}#{1}: there {2} of that name already, and {0} alone means the first\n",
             printable(name), occurrence, occurrence == 2 ? "was one" : fmt::format("were {}", occurrence - 1));
}

// For the person who typed it: that it was done, and where the reel has it.
void say_done(const std::string& verb, const std::vector<std::string>& arguments, const CommandReply& reply) {
  if (::isatty(STDERR_FILENO) == 0) return;
  if (verb == "mark") {
    // The marker is what the command makes, right behind it.
    fmt::print(stderr, "marked {} at event {}\n", printable(arguments.front()), reply.command.value + 1);
    return;
  }
  std::string words = verb;
  std::replace(words.begin(), words.end(), '.', ' ');
  for (const std::string& argument : arguments) words += " " + argument;
  fmt::print(stderr, "{}: done, event {}\n", printable(words), reply.command.value);
}

}  // namespace

CLI::Option* add_lab_option(CLI::App& verb, std::string& lab) {
  return verb.add_option("--lab", lab, "Which running lab, if there are several; default: LABREEL_LAB of the environment");
}

std::string chosen_lab(const std::string& lab) {
  const char* const variable = std::getenv(kLabVariable);
  return lab.empty() && variable != nullptr ? variable : lab;
}

ControlClient connect_to_lab(const std::string& lab) {
  const std::string chosen = chosen_lab(lab);
  auto running = find_lab(chosen.empty() ? std::nullopt : std::optional{chosen});
  if (!running && lab.empty() && !chosen.empty()) {
    Error error = std::move(running).error();
    error.place = kLabVariable;  // or nobody knows where that name comes from
    throw VerbError(std::move(error));
  }
  return value_or_throw(ControlClient::connect(value_or_throw(std::move(running)).socket));
}

int give_command(const std::string& lab, const std::string& verb, const std::vector<std::string>& arguments) {
  ControlClient client = connect_to_lab(lab);
  const CommandReply reply = value_or_throw(client.command(verb, arguments));
  if (!reply.ok) throw VerbError(Error{reply.kind, reply.error, {}, reply.hint});
  say_done(verb, arguments, reply);
  if (verb == "mark") say_which_marker(arguments.front(), reply.occurrence);
  return kExitDone;
}

}  // namespace labreel
