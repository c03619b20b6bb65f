// The verbs of a running lab, each described once: for live commands, the scenario, requests on the socket, completion and help.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace labreel {

// What an argument of a verb is.
enum class ArgumentKind : std::uint8_t {
  node,      // that is there
  new_node,  // a name that is free
  port,
  new_port,  // plugged into its node if it is not there
  lan,
  new_lan,
  word,  // the argument's own word, or nothing
  name,  // a marker's
  text,
  frame,     // its bytes in hex
  settings,  // any number of KEY=VALUE, KEY.out=VALUE, KEY.in=VALUE; cable_table.h has the keys
  node_settings,  // any number of KEY=VALUE; node_words.h has the keys
};

struct VerbArgument {
  std::string_view word;  // "PORT": as help and completion call it
  ArgumentKind kind = ArgumentKind::word;
  bool is_optional = false;  // then all that follow are, too
};

// One verb, as `command` events name it.
struct LabVerb {
  std::string_view name;  // "link.down": its group and its action, or a single word
  std::string_view help;  // one line
  std::array<VerbArgument, 3> places = {};  // in order; those without a word are not used
  std::string_view needs = {};    // what the error says where the arguments do not fit
  std::string_view example = {};  // and its hint

  constexpr std::string_view group() const { return name.substr(0, name.find('.')); }
  constexpr std::string_view action() const { return name.substr(std::min(name.find('.'), name.size() - 1) + 1); }
  constexpr std::span<const VerbArgument> arguments() const {
    std::size_t count = 0;
    while (count < places.size() && !places[count].word.empty()) ++count;
    return std::span(places).first(count);
  }
  // Says whether there are as many arguments as the verb takes, with its own words where it has such; what they name is not
  // looked at.
  bool takes(const std::vector<std::string>& words) const;
};

inline constexpr std::array<LabVerb, 18> kLabVerbs{{
    {"link.add", "Join two ports; new ones are plugged into their nodes",
     {{{"PORT1", ArgumentKind::new_port}, {"PORT2", ArgumentKind::new_port}, {"KEY=VALUE", ArgumentKind::settings, true}}},
     "two ports are needed", "labreel link add r1:eth3 r2:eth3 delay=5ms"},
    {"link.del", "Take a link away", {{{"PORT", ArgumentKind::port}}}, "one port of the link is needed", "labreel link del r1:eth3"},
    {"link.up", "Mend the port's cable", {{{"PORT", ArgumentKind::port}}}, "one port is needed", "labreel link down r1:eth1"},
    {"link.down", "Cut the port's cable; what flies on it is dropped", {{{"PORT", ArgumentKind::port}}}, "one port is needed",
     "labreel link down r1:eth1"},
    {"link.set", "Change settings of the port's cable", {{{"PORT", ArgumentKind::port}, {"KEY=VALUE", ArgumentKind::settings}}},
     "a port and at least one setting are needed", "labreel link set r1:eth1 delay=20ms loss=1%"},
    {"lan.add", "Add a lan: a learning switch, or a hub", {{{"LAN", ArgumentKind::new_lan}, {"hub", ArgumentKind::word, true}}},
     "a name is needed, and perhaps the word hub", "labreel lan add office"},
    {"lan.del", "Take a lan away, and every port off it", {{{"LAN", ArgumentKind::lan}}}, "one lan is needed", "labreel lan del office"},
    {"lan.join", "Plug a port into a lan",
     {{{"LAN", ArgumentKind::lan}, {"PORT", ArgumentKind::new_port}, {"KEY=VALUE", ArgumentKind::settings, true}}},
     "a lan and a port are needed", "labreel lan join office h3:eth0"},
    {"lan.leave", "Pull a port out of its lan", {{{"LAN", ArgumentKind::lan}, {"PORT", ArgumentKind::port}}},
     "a lan and a port are needed", "labreel lan leave office h3:eth0"},
    {"node.add", "Add a node and start it", {{{"NODE", ArgumentKind::new_node}, {"SETTING", ArgumentKind::node_settings, true}}},
     "a name is needed", "labreel node add h3 position=120,80"},
    {"node.del", "Stop a node and take it away with its ports", {{{"NODE", ArgumentKind::node}}}, "one node is needed",
     "labreel node del h3"},
    {"node.start", "Start a stopped node afresh", {{{"NODE", ArgumentKind::node}}}, "one node is needed", "labreel node stop r1"},
    {"node.stop", "Stop a node", {{{"NODE", ArgumentKind::node}}}, "one node is needed", "labreel node stop r1"},
    {"node.crash", "Kill every process of a node at once, as a power cut would", {{{"NODE", ArgumentKind::node}}},
     "one node is needed", "labreel node stop r1"},
    {"node.restart", "Stop a node and start it afresh; also after a crash", {{{"NODE", ArgumentKind::node}}}, "one node is needed",
     "labreel node stop r1"},
    {"node.pause", "Freeze every process of a node", {{{"NODE", ArgumentKind::node}}}, "one node is needed", "labreel node stop r1"},
    {"node.resume", "Thaw a frozen node", {{{"NODE", ArgumentKind::node}}}, "one node is needed", "labreel node stop r1"},
    {"mark", "Put a marker in the recording now", {{{"NAME", ArgumentKind::name}, {"NOTE", ArgumentKind::text, true}}},
     "a name is needed, and at most one note", "labreel mark adjacency \"all routers see each other\""},
}};
// Verbs that no person types: a frame of `replay --into`, and the scenario's end where a branch leaves its parent.
inline constexpr std::array<LabVerb, 2> kInnerVerbs{{
    {"inject", "Send a frame into a port",
     {{{"PORT", ArgumentKind::port}, {"SENDER", ArgumentKind::port}, {"FRAME", ArgumentKind::frame}}},
     "a port, a sender and a frame are needed", "labreel replay REEL --into PORT"},
    {"scenario.stop", "Play the scenario no more", {}, "it takes no argument"},
}};

// Returns the verb of that name, of either kind, or null.
constexpr const LabVerb* lab_verb(std::string_view name) {
  for (const LabVerb& verb : kLabVerbs) {
    if (verb.name == name) return &verb;
  }
  for (const LabVerb& verb : kInnerVerbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}
// Says whether each of these words is an action of a group's verbs: "up" and "down" of "link".
constexpr bool are_actions(std::string_view group, std::span<const std::string_view> words) {
  return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::any_of(kLabVerbs.begin(), kLabVerbs.end(),
                       [&](const LabVerb& verb) { return verb.group() == group && verb.action() == word; });
  });
}

// The actions that steps of the scenario have, in the order of each step's Action.
inline constexpr std::array<std::string_view, 5> kLinkActions{"up", "down", "set", "add", "del"};
inline constexpr std::array<std::string_view, 8> kNodeActions{"start", "stop",    "pause", "resume",
                                                              "crash", "restart", "add",   "del"};
inline constexpr std::array<std::string_view, 4> kLanActions{"join", "leave", "add", "del"};
static_assert(are_actions("link", kLinkActions) && are_actions("node", kNodeActions) && are_actions("lan", kLanActions));

}  // namespace labreel
