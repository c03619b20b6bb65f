// The scenario as a tree: its order, its numbers, steps inside steps, and the watches beside it.
#include <limits>
#include <optional>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "engine/core/wire_words.h"
#include "engine/lab/lab_names.h"
#include "engine/lab/scenario_reader.h"

namespace labreel {
namespace {

constexpr std::string_view kExample = "such as - sleep: 2s or - link: {down: \"r1:eth1\"}";
constexpr std::uint32_t kRounds_max = 1'000'000;

// Where a step stands.
struct Place {
  int depth = 1;
  bool in_repeat = false;
  std::uint64_t not_before_ns = 0;  // the latest `at` of the steps before
};

class TreeReader {
 public:
  TreeReader(LabShape& shape, LabFile& lab) : shape_(shape), lab_(lab) {}

  std::vector<Step> read_list(const YamlValue& value, std::string_view name, Place place, bool in_order) {
    if (place.depth > kScenarioDepth_max) {
      refuse(value.line, "steps are nested more than " + std::to_string(kScenarioDepth_max) + " levels deep");
    }
    std::vector<Step> steps;
    for (const YamlPointer& item : list_of(value, name)) {
      steps.push_back(read_step(*item, place));
      if (in_order && steps.back().at_ns) place.not_before_ns = *steps.back().at_ns;
    }
    return steps;
  }

 private:
  Step read_step(const YamlValue& value, const Place& place);
  Step read_action(const YamlEntry& entry, const Place& place);
  Step read_parallel(const YamlValue& value, const Place& place);
  Step read_repeat(const YamlValue& value, const Place& place);
  std::uint64_t read_at(const YamlValue& at, const Place& place) const;

  LabShape& shape_;
  LabFile& lab_;
};

const std::vector<std::string>& step_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all{"parallel", "repeat", "at"};
    for (const NamedReader& reader : plain_steps()) all.push_back(reader.name);
    return all;
  }();
  return keys;
}

Step TreeReader::read_step(const YamlValue& value, const Place& place) {
  const bool is_map = value.kind == YamlValue::Kind::map;
  const YamlEntry* action = nullptr;
  const YamlEntry* at = nullptr;
  for (const YamlEntry& entry : value.entries) (entry.key == "at" ? at : action) = &entry;
  if (is_map && at != nullptr && value.entries.size() == 1) {
    refuse(at->line, "at says when a step begins, but there is no step beside it",
           "write - at: 30s, and in the next line, under at, the step");
  }
  if (!is_map || value.entries.size() != (at == nullptr ? 1 : 2)) {
    refuse(value.line, "a step of the scenario must be a map with one key, and perhaps at", std::string(kExample));
  }
  const Fields known(value, "the scenario", step_keys());
  const std::uint32_t number = ++lab_.step_count;
  if (number > kScenarioSteps_max) {
    refuse(value.line, "the scenario has more than " + std::to_string(kScenarioSteps_max) + " steps");
  }
  Place inside = place;
  std::optional<std::uint64_t> at_ns;
  if (at != nullptr) inside.not_before_ns = *(at_ns = read_at(*at->value, place));
  Step step = read_action(*action, inside);
  step.number = number;
  step.line = value.line;
  step.at_ns = at_ns;
  if (at_ns) step.text = std::string(kStepAt) + format_duration(*at_ns) + std::string(kStepAtEnds) + step.text;
  make_one_line(step.text);
  return step;
}

std::uint64_t TreeReader::read_at(const YamlValue& at, const Place& place) const {
  const std::uint64_t at_ns = value_or_refuse(parse_duration_ns(text_of(at, "at")), at.line, "at");
  if (place.in_repeat) {
    refuse(at.line, "at inside repeat would come only once: it is a time of the lab",
           "use sleep, or repeat: {every: 10s}");
  }
  if (at_ns < place.not_before_ns) {
    refuse(at.line, "at " + format_duration(at_ns) + " is before the step above it, which begins at " +
                        format_duration(place.not_before_ns),
           "put the steps in order of time, or into parallel:");
  }
  return at_ns;
}

Step TreeReader::read_action(const YamlEntry& entry, const Place& place) {
  if (entry.key == "parallel") return read_parallel(*entry.value, place);
  if (entry.key == "repeat") return read_repeat(*entry.value, place);
  for (const NamedReader& reader : plain_steps()) {
    if (reader.name == entry.key) return reader.read(*entry.value, shape_);
  }
  LABREEL_CHECK(false);
}

Step TreeReader::read_parallel(const YamlValue& value, const Place& place) {
  Place inside = place;
  ++inside.depth;
  ParallelStep parallel{read_list(value, "parallel", inside, false)};
  if (parallel.steps.empty()) refuse(value.line, "parallel has no steps", "write - parallel: [STEP, STEP, …]");
  std::string text = "parallel: " + std::to_string(parallel.steps.size()) + " steps at once";
  return {std::move(parallel), 0, 0, std::move(text), {}};
}

Step TreeReader::read_repeat(const YamlValue& value, const Place& place) {
  static const std::vector<std::string> keys{"times", "every", "steps"};
  const Fields fields(value, "repeat", keys);
  RepeatStep repeat;
  repeat.times = static_cast<std::uint32_t>(number_of(fields.require("times"), "times", 1, kRounds_max));
  if (fields.find("every") != nullptr) repeat.every_ns = duration_field(fields, "every");
  Place inside = place;
  ++inside.depth;
  inside.in_repeat = true;
  const YamlValue& steps = fields.require("steps");
  repeat.steps = read_list(steps, "steps", inside, true);
  if (repeat.steps.empty()) refuse(steps.line, "repeat has no steps");
  std::string text = "repeat " + std::to_string(repeat.times) + " times";
  if (repeat.every_ns > 0) text += ", every " + format_duration(repeat.every_ns);
  return {std::move(repeat), 0, 0, std::move(text), {}};
}

WatchDef read_watch(const YamlValue& value, const LabShape& shape) {
  static const std::vector<std::string> keys{"name", "node", "run", "until", "count", "every"};
  constexpr std::uint64_t every_min_ns = 10'000'000;
  const Fields fields(value, "a watch", keys);
  WatchDef watch;
  watch.line = value.line;
  watch.name = fields.text("name");
  check_name(watch.name, "watch", fields.require("name").line);
  watch.condition = read_condition(fields, "watch");
  shape.check_node_ever(watch.condition.node, fields.require("node").line);
  if (const YamlValue* every = fields.find("every")) {
    watch.every_ns = duration_field(fields, "every");
    if (watch.every_ns < every_min_ns) {
      refuse(every->line, "every must be " + format_duration(every_min_ns) + " or longer");
    }
  }
  return watch;
}

}  // namespace

void read_scenario(const YamlValue& steps, LabShape& shape, LabFile& lab) {
  lab.scenario = TreeReader(shape, lab).read_list(steps, "scenario", Place{}, true);
}

void read_watches(const YamlValue& watches, const LabShape& shape, LabFile& lab) {
  constexpr std::size_t watches_max = 1'000;
  const auto& items = list_of(watches, "watch");
  if (items.size() > watches_max) {
    refuse(watches.line, "the lab file has more than " + std::to_string(watches_max) + " watches");
  }
  for (const YamlPointer& item : items) {
    WatchDef watch = read_watch(*item, shape);
    for (const WatchDef& other : lab.watches) {
      if (other.name != watch.name) continue;
      refuse(watch.line, "two watches are named " + quote(watch.name) + ": line " + std::to_string(other.line) +
                             " has the other");
    }
    lab.watches.push_back(std::move(watch));
  }
}

std::size_t action_of(const Fields& fields, std::string_view step, std::span<const std::string> actions) {
  std::string choice;
  for (const std::string& action : actions) choice += (choice.empty() ? "" : ", ") + action;
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (fields.find(actions[i]) == nullptr) continue;
    if (chosen) refuse(fields.line(), std::string(step) + " says both " + actions[*chosen] + " and " + actions[i]);
    chosen = i;
  }
  if (!chosen) refuse(fields.line(), std::string(step) + " must say one of: " + choice);
  return *chosen;
}

std::string command_field(const Fields& fields, std::string_view step) {
  const std::string& run = fields.text("run");
  check_command(run, step, fields.require("run").line);
  return run;
}

std::uint64_t duration_field(const Fields& fields, std::string_view key) {
  const YamlValue& value = fields.require(key);
  const std::uint64_t duration_ns = value_or_refuse(parse_duration_ns(text_of(value, key)), value.line, key);
  if (duration_ns == 0) refuse(value.line, std::string(key) + " must be longer than 0");
  return duration_ns;
}

Condition read_condition(const Fields& fields, std::string_view step) {
  Condition condition;
  condition.node = fields.text("node");
  condition.run = command_field(fields, step);
  if (const YamlValue* until = fields.find("until")) {
    condition.until = text_of(*until, "until");
    check_pattern(condition.until, until->line);
  }
  if (const YamlValue* count = fields.find("count")) {
    if (condition.until.empty()) refuse(count->line, "count needs until: it says how often that must be in the output");
    constexpr std::uint32_t count_max = std::numeric_limits<std::uint32_t>::max();
    condition.count = static_cast<std::uint32_t>(number_of(*count, "count", 1, count_max));
  }
  return condition;
}

std::string describe(const Condition& condition) {
  std::string text = condition.node + ": " + condition.run;
  if (!condition.until.empty()) text += " until " + condition.until;
  if (condition.count > 1) text += " (" + std::to_string(condition.count) + " times)";
  return text;
}

void make_one_line(std::string& text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
}

}  // namespace labreel
