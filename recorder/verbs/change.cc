// labreel link, lan, node: the verbs that change a running lab. Each is one command of the lab's, told as it is.
#include <fmt/format.h>

#include <memory>

#include "engine/core/cable_table.h"
#include "engine/core/node_kinds.h"
#include "engine/lab/lab_verbs.h"
#include "recorder/verbs/live.h"

namespace labreel {
namespace {

struct ChangeOptions {
  std::string lab;
  std::vector<std::string> arguments;
};

// "delay=5ms jitter=1ms …": each setting of a cable with a value.
std::string every_setting() {
  std::string text;
  for (const CableSetting& setting : kCableSettings) text += fmt::format("{}{}={}", text.empty() ? "" : " ", setting.key, setting.example);
  return text;
}

// "kind=KIND position=X,Y memory=128MiB …"
std::string every_node_setting() {
  std::string text = "kind=KIND position=120,80";
  for (const NodeKindFacts& facts : kNodeKinds) {
    for (const NodeSettingFacts& setting : facts.settings)
      text += fmt::format(" {}={} (kind {})", setting.key, setting.example, NodeKind(facts.kind).text());
  }
  return text;
}

std::string meaning_of(const VerbArgument& argument) {
  switch (argument.kind) {
    case ArgumentKind::node:
    case ArgumentKind::new_node: return "The node's name, such as r1";
    case ArgumentKind::port: return "A port, such as r1:eth1";
    case ArgumentKind::new_port: return "A port, such as r1:eth9; plugged into its node if it is not there";
    case ArgumentKind::lan:
    case ArgumentKind::new_lan: return "The lan's name, such as office";
    case ArgumentKind::word: return "The word hub: every frame goes to every port";
    case ArgumentKind::settings:
      return every_setting() + ", any of them; of one direction: loss.out=1% for what the port sends, loss.in=1% for what it gets";
    case ArgumentKind::node_settings: return every_node_setting() + ", any of them";
    case ArgumentKind::name:
    case ArgumentKind::text:
    case ArgumentKind::frame: break;
  }
  return {};
}

// One subcommand, whose words become the arguments of the lab's command.
void add_change(CLI::App& group, const LabVerb& change, int& exit_code) {
  auto options = std::make_shared<ChangeOptions>();
  const std::span<const VerbArgument> places = change.arguments();
  options->arguments.resize(places.size());
  auto rest = std::make_shared<std::vector<std::string>>();
  CLI::App* const verb = group.add_subcommand(std::string(change.action()), std::string(change.help));
  add_lab_option(*verb, options->lab);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string word{places[i].word};
    const bool is_last_of_all = places[i].kind == ArgumentKind::settings || places[i].is_optional;
    CLI::Option* const option = is_last_of_all ? verb->add_option(word, *rest, meaning_of(places[i]))
                                               : verb->add_option(word, options->arguments[i], meaning_of(places[i]));
    option->required(!places[i].is_optional);
    if (is_last_of_all) options->arguments.resize(i);
  }
  const std::string command{change.name};
  verb->callback([options, rest, command, &exit_code] {
    std::vector<std::string> arguments = options->arguments;
    arguments.insert(arguments.end(), rest->begin(), rest->end());
    exit_code = give_command(options->lab, command, arguments);
  });
}

void add_group(CLI::App& app, const char* name, const char* help, int& exit_code) {
  CLI::App* const group = app.add_subcommand(name, help);
  group->require_subcommand(1);
  for (const LabVerb& verb : kLabVerbs) {
    if (verb.group() == name) add_change(*group, verb, exit_code);
  }
}

}  // namespace

void add_link(CLI::App& app, int& exit_code) { add_group(app, "link", "Cut, mend or change the cable of a port, live", exit_code); }

void add_lan(CLI::App& app, int& exit_code) { add_group(app, "lan", "Change who is on a lan, live", exit_code); }

void add_node(CLI::App& app, int& exit_code) {
  add_group(app, "node", "Add, take away, start, stop, crash, freeze or thaw a node, live", exit_code);
}

}  // namespace labreel
