// labreel link, lan, node: the verbs that change a running lab. Each is one command of the lab's, told as it is.
#include <memory>

#include "recorder/verbs/live.h"

namespace labreel {
namespace {

struct ChangeOptions {
  std::string lab;
  std::vector<std::string> arguments;
};

// One subcommand whose words after its name become the arguments of the lab's command.
struct Change {
  const char* name;     // "down"
  const char* command;  // "link.down"
  const char* help;
  std::vector<const char*> words = {};  // what it needs, in order
  const char* rest = nullptr;           // any number of these may follow
  bool rest_required = false;
};

// What the words of these commands mean.
std::string meaning_of(const std::string& word) {
  if (word == "PORT") return "A port, such as r1:eth1";
  if (word == "PORT1") return "One end, such as r1:eth9; plugged into its node if it is not there";
  if (word == "PORT2") return "The other end, such as r3:eth9";
  if (word == "NODE") return "The node's name, such as r1";
  if (word == "LAN") return "The lan's name, such as office";
  if (word == "hub") return "The word hub: every frame goes to every port";
  return "delay=20ms jitter=1ms rate=10mbit queue=64KiB loss=1% duplicate=1% corrupt=1% reorder=1%, any of them; of one "
         "direction: loss.out=1% for what the port sends, loss.in=1% for what it gets";
}

void add_change(CLI::App& group, const Change& change, int& exit_code) {
  auto options = std::make_shared<ChangeOptions>();
  options->arguments.resize(change.words.size());
  auto rest = std::make_shared<std::vector<std::string>>();
  CLI::App* const verb = group.add_subcommand(change.name, change.help);
  add_lab_option(*verb, options->lab);
  for (std::size_t i = 0; i < change.words.size(); ++i) {
    verb->add_option(change.words[i], options->arguments[i], meaning_of(change.words[i]))->required();
  }
  if (change.rest != nullptr) {
    verb->add_option(change.rest, *rest, meaning_of(change.rest))->required(change.rest_required);
  }
  const std::string command = change.command;
  verb->callback([options, rest, command, &exit_code] {
    std::vector<std::string> arguments = options->arguments;
    arguments.insert(arguments.end(), rest->begin(), rest->end());
    exit_code = give_command(options->lab, command, arguments);
  });
}

void add_group(CLI::App& app, const char* name, const char* help, const std::vector<Change>& changes, int& exit_code) {
  CLI::App* const group = app.add_subcommand(name, help);
  group->require_subcommand(1);
  for (const Change& change : changes) add_change(*group, change, exit_code);
}

}  // namespace

void add_link(CLI::App& app, int& exit_code) {
  add_group(
      app, "link", "Cut, mend or change the cable of a port, live",
      {{"add", "link.add", "Join two ports; new ones are plugged into their nodes", {"PORT1", "PORT2"}, "KEY=VALUE"},
       {"del", "link.del", "Take a link away", {"PORT"}},
       {"up", "link.up", "Mend the port's cable", {"PORT"}},
       {"down", "link.down", "Cut the port's cable; what flies on it is dropped", {"PORT"}},
       {"set",
        "link.set",
        "Change settings: delay jitter rate queue loss duplicate corrupt reorder",
        {"PORT"},
        "KEY=VALUE",
        true}},
      exit_code);
}

void add_lan(CLI::App& app, int& exit_code) {
  add_group(app, "lan", "Change who is on a lan, live",
            {{"add", "lan.add", "Add a lan: a learning switch, or a hub", {"LAN"}, "hub"},
             {"del", "lan.del", "Take a lan away, and every port off it", {"LAN"}},
             {"join", "lan.join", "Plug a port into a lan", {"LAN", "PORT"}, "KEY=VALUE"},
             {"leave", "lan.leave", "Pull a port out of its lan", {"LAN", "PORT"}}},
            exit_code);
}

void add_node(CLI::App& app, int& exit_code) {
  add_group(app, "node", "Add, take away, start, stop, crash, freeze or thaw a node, live",
            {{"add", "node.add", "Add a node and start it", {"NODE"}},
             {"del", "node.del", "Stop a node and take it away with its ports", {"NODE"}},
             {"start", "node.start", "Start a stopped node afresh", {"NODE"}},
             {"stop", "node.stop", "Stop a node", {"NODE"}},
             {"crash", "node.crash", "Kill every process of a node at once, as a power cut would", {"NODE"}},
             {"restart", "node.restart", "Stop a node and start it afresh; also after a crash", {"NODE"}},
             {"pause", "node.pause", "Freeze every process of a node", {"NODE"}},
             {"resume", "node.resume", "Thaw a frozen node", {"NODE"}}},
            exit_code);
}

}  // namespace labreel
