#include "recorder/verbs/complete.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "engine/core/cable_table.h"
#include "engine/lab/node_words.h"
#include "recorder/verbs/lab_words.h"

namespace labreel {
namespace {

// What the words before the cursor say.
struct Place {
  const CLI::App* verb = nullptr;
  const CLI::Option* wants_value = nullptr;  // the option that the cursor's word belongs to
  std::size_t positionals = 0;               // that are given already
  std::string first_positional;
  std::string lab;            // --lab
  bool after_dashes = false;  // what follows `--` is another program's
};

const CLI::Option* option_named(const CLI::App& verb, const std::string& word) {
  for (const CLI::Option* option : verb.get_options()) {
    if (!option->get_positional() && option->check_name(word)) return option;
  }
  return nullptr;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& verb) {
  return verb.get_subcommands([](const CLI::App*) { return true; });
}

Place find_place(const CLI::App& app, const std::vector<std::string>& words) {
  Place place;
  place.verb = &app;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (const CLI::Option* const option = std::exchange(place.wants_value, nullptr)) {
      if (option->check_name("--lab")) place.lab = word;
      continue;
    }
    if (word == "--") {
      place.after_dashes = true;
      return place;
    }
    if (word.starts_with("-")) {
      const CLI::Option* const option = option_named(*place.verb, word);
      if (option != nullptr && option->get_items_expected_max() > 0) place.wants_value = option;
      continue;
    }
    const auto subcommands = subcommands_of(*place.verb);
    const auto chosen = std::ranges::find_if(subcommands, [&](const CLI::App* sub) { return sub->get_name() == word; });
    if (chosen != subcommands.end()) {
      place.verb = *chosen;
    } else if (++place.positionals == 1) {
      place.first_positional = word;
    }
  }
  return place;
}

// The positional at the cursor; the last one may be many words.
const CLI::Option* positional_at(const Place& place) {
  std::vector<const CLI::Option*> positionals;
  for (const CLI::Option* option : place.verb->get_options()) {
    if (option->get_positional()) positionals.push_back(option);
  }
  if (place.positionals < positionals.size()) return positionals[place.positionals];
  const bool goes_on = !positionals.empty() && positionals.back()->get_items_expected_max() > 1;
  return goes_on ? positionals.back() : nullptr;
}

bool takes_a_reel(const CLI::App& verb) {
  return std::ranges::any_of(verb.get_options(), [](const CLI::Option* option) {
    return option->get_positional() && option->get_name().find("REEL") != std::string::npos;
  });
}

// What fits a value of that name, such as NODE or --port.
std::vector<std::string> values_of(const std::string& name, const Place& place) {
  using Values = std::function<std::vector<std::string>()>;
  const std::string reel = takes_a_reel(*place.verb) ? place.first_positional : std::string{};
  const auto of_lab = [&](auto list) { return [&, list] { return list(words_of_lab(place.lab)); }; };
  const auto of_reel = [&](auto list) { return [&, list] { return list(words_of_reel(reel)); }; };
  const auto nodes = [](const LabWords& words) { return words.nodes; };
  const auto ports = [](const LabWords& words) { return words.ports; };
  const auto lans = [](const LabWords& words) { return words.lans; };
  const auto positions = [](const LabWords& words) {
    std::vector<std::string> found = words.markers;
    found.emplace_back("end");
    return found;
  };
  const Values files = [] { return std::vector<std::string>{":files"}; };
  const Values settings = [] {
    std::vector<std::string> keys;
    for (const CableSetting& setting : kCableSettings) keys.push_back(std::string(setting.key) + "=");
    return keys;
  };
  const Values node_settings = [] {
    std::vector<std::string> keys = node_word_keys();
    for (std::string& key : keys) key += '=';
    return keys;
  };
  const bool stops_lab = place.verb->get_name() == "stop";
  const std::map<std::string, Values> values{{"NODE", of_lab(nodes)},
                                             {"PORT", of_lab(ports)},
                                             {"PORT1", of_lab(ports)},
                                             {"PORT2", of_lab(ports)},
                                             {"LAN", of_lab(lans)},
                                             {"--lab", running_lab_names},
                                             {"--port", of_reel(ports)},
                                             {"--at", of_reel(positions)},
                                             {"--from", of_reel(positions)},
                                             {"--to", of_reel(positions)},
                                             {"--kind", event_kind_names},
                                             {"KEY=VALUE", settings},
                                             {"SETTING", node_settings},
                                             {"LAB", stops_lab ? Values{running_lab_names} : files},
                                             {"REEL", files},
                                             {"DIR", files},
                                             {"--output", files},
                                             {"--continue", files},
                                             {"SHELL", [] {
                                                return std::vector<std::string>{"bash", "zsh", "fish"};
                                              }}};
  const auto found = values.find(name);
  return found == values.end() ? std::vector<std::string>{} : found->second();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::vector<std::string> options_of(const CLI::App& verb) {
  std::vector<std::string> found;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      found.push_back("--" + name + "\t" + first_line(option->get_description()));
    }
  }
  return found;
}

std::vector<std::string> candidates(const Place& place, const std::string& word) {
  if (place.after_dashes) return {":files"};
  if (place.wants_value != nullptr) return values_of("--" + place.wants_value->get_lnames().front(), place);
  if (word.starts_with("-")) return options_of(*place.verb);
  const auto subcommands = subcommands_of(*place.verb);
  std::vector<std::string> found;
  for (const CLI::App* sub : subcommands) found.push_back(sub->get_name() + "\t" + first_line(sub->get_description()));
  if (!found.empty()) return found;
  const CLI::Option* const positional = positional_at(place);
  return positional == nullptr ? found : values_of(positional->get_name(), place);
}

}  // namespace

std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::vector<std::string> found = candidates(find_place(app, words), words.back());
  std::erase_if(found,
                [&](const std::string& answer) { return answer != ":files" && !answer.starts_with(words.back()); });
  return found;
}

}  // namespace labreel
