// The scenario: what each step says, checked against the topology as the steps before it leave it.
#include <array>
#include <limits>
#include <optional>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "engine/lab/lab_draft.h"
#include "engine/lab/lab_names.h"

namespace labreel {
namespace {

constexpr std::string_view kExample = "such as - sleep: 2s or - link: {down: \"r1:eth1\"}";

// The one key among `actions` that a step's map has, such as `down` of {down: "r1:eth1"}.
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

std::string node_field(const Fields& fields, std::string_view key, const LabDraft& draft) {
  const std::string& name = fields.text(key);
  node_named(name, fields.require(key).line, draft);
  return name;
}

std::string command_field(const Fields& fields, std::string_view step) {
  const std::string& run = fields.text("run");
  check_command(run, step, fields.require("run").line);
  return run;
}

// A port that the lab has.
std::string port_field(const Fields& fields, std::string_view key, const LabDraft& draft) {
  const std::string& text = fields.text(key);
  const int line = fields.require(key).line;
  const PortName name = port_named(text, line, draft);
  if (draft.ports[name.node].contains(name.port)) return text;
  const std::string& node = draft.lab.nodes[name.node].name;
  std::vector<std::string> names;
  for (const auto& [port, unused] : draft.ports[name.node]) names.push_back(node + ":" + port);
  refuse(line, "there is no port " + quote(text) + did_you_mean(text, names),
         "a port exists if its node lists it under ports, or a link or lan names it");
}

Step read_wait(const YamlValue& value, LabDraft& draft) {
  static const std::array<std::string, 5> keys{"node", "run", "until", "count", "timeout"};
  const Fields fields(value, "wait", keys);
  WaitStep wait;
  wait.node = node_field(fields, "node", draft);
  wait.run = command_field(fields, "wait");
  if (const YamlValue* until = fields.find("until")) {
    wait.until = text_of(*until, "until");
    check_pattern(wait.until, until->line);
  }
  if (const YamlValue* count = fields.find("count")) {
    if (wait.until.empty()) refuse(count->line, "count needs until: it says how often that must be in the output");
    wait.count = static_cast<std::uint32_t>(number_of(*count, "count", 1, std::numeric_limits<std::uint32_t>::max()));
  }
  if (const YamlValue* timeout = fields.find("timeout")) {
    wait.timeout_ns = value_or_refuse(parse_duration_ns(text_of(*timeout, "timeout")), timeout->line, "timeout");
    if (wait.timeout_ns == 0) refuse(timeout->line, "timeout must be longer than 0");
  }
  std::string text = "wait for " + wait.node + ": " + wait.run;
  if (!wait.until.empty()) text += " until " + wait.until;
  if (wait.count > 1) text += " (" + std::to_string(wait.count) + " times)";
  return {std::move(wait), 0, std::move(text)};
}

Step read_mark(const YamlValue& value, LabDraft& /*draft*/) {
  static const std::array<std::string, 2> keys{"name", "note"};
  const Fields fields(value, "mark", keys);
  MarkStep mark;
  mark.name = fields.text("name");
  check_marker_name(mark.name, fields.require("name").line);
  if (const YamlValue* note = fields.find("note")) mark.note = text_of(*note, "note");
  std::string text = "mark " + mark.name + (mark.note.empty() ? "" : ": " + mark.note);
  return {std::move(mark), 0, std::move(text)};
}

Step read_link_step(const YamlValue& value, LabDraft& draft) {
  static const std::array<std::string, 3> actions{"up", "down", "set"};
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all(actions.begin(), actions.end());
    all.insert(all.end(), cable_keys().begin(), cable_keys().end());
    return all;
  }();
  const Fields fields(value, "link", keys);
  const std::size_t chosen = action_of(fields, "link", actions);
  LinkStep link;
  link.action = static_cast<LinkStep::Action>(chosen);
  link.port = port_field(fields, actions[chosen], draft);
  const int line = fields.require(actions[chosen]).line;
  if (!draft.cable_of.contains(link.port)) {
    refuse(line, link.port + " has no cable at this step", "join it to a lan before, or name another port");
  }
  CableReading reading;
  std::string text = "link " + link.port + " " + actions[chosen];
  for (const YamlEntry& entry : fields.entries()) {
    if (entry.key == actions[chosen]) continue;
    if (link.action != LinkStep::Action::set) {
      refuse(entry.line, "link: " + actions[chosen] + " takes no " + entry.key, "write link: {set: PORT, KEY: VALUE}");
    }
    read_cable_key(entry, reading);
    text += " " + entry.key;
    if (entry.value->kind == YamlValue::Kind::text) text += " " + entry.value->text;
    for (const YamlEntry& direction : entry.value->entries) text += " " + direction.key + " " + direction.value->text;
  }
  if (link.action == LinkStep::Action::set && (reading.out_fields | reading.in_fields) == 0) {
    refuse(line, "link: set changes nothing", "add a setting, such as loss: 10%");
  }
  link.out = reading.out;
  link.in = reading.in;
  link.out_fields = reading.out_fields;
  link.in_fields = reading.in_fields;
  return {std::move(link), 0, std::move(text)};
}

Step read_node_step(const YamlValue& value, LabDraft& draft) {
  static const std::array<std::string, 4> actions{"start", "stop", "pause", "resume"};
  const Fields fields(value, "node", actions);
  const std::size_t chosen = action_of(fields, "node", actions);
  NodeStep node{static_cast<NodeStep::Action>(chosen), node_field(fields, actions[chosen], draft)};
  std::string text = actions[chosen] + " node " + node.node;
  return {std::move(node), 0, std::move(text)};
}

Step read_lan_step(const YamlValue& value, LabDraft& draft) {
  static const std::array<std::string, 2> actions{"join", "leave"};
  static const std::array<std::string, 3> keys{"join", "leave", "port"};
  const Fields fields(value, "lan", keys);
  const std::size_t chosen = action_of(fields, "lan", actions);
  LanStep lan{static_cast<LanStep::Action>(chosen), fields.text(actions[chosen]), port_field(fields, "port", draft)};
  const int line = fields.require(actions[chosen]).line;
  if (!draft.lan_names.contains(lan.lan)) {
    const std::vector<std::string> names(draft.lan_names.begin(), draft.lan_names.end());
    refuse(line, "there is no lan " + quote(lan.lan) + did_you_mean(lan.lan, names));
  }
  const std::string cable = "lan " + lan.lan;
  const auto held = draft.cable_of.find(lan.port);
  if (lan.action == LanStep::Action::join) {
    if (held != draft.cable_of.end()) {
      refuse(line, lan.port + " cannot join " + cable + ": it has a cable already: " + held->second);
    }
    draft.cable_of[lan.port] = cable;
    std::string text = lan.port + " joins " + cable;
    return {std::move(lan), 0, std::move(text)};
  }
  if (held == draft.cable_of.end() || held->second != cable) {
    refuse(line, lan.port + " cannot leave " + cable + ": it is not on it at this step");
  }
  draft.cable_of.erase(held);
  std::string text = lan.port + " leaves " + cable;
  return {std::move(lan), 0, std::move(text)};
}

Step read_exec_step(const YamlValue& value, LabDraft& draft) {
  static const std::array<std::string, 3> keys{"node", "run", "may_fail"};
  const Fields fields(value, "exec", keys);
  ExecStep exec{node_field(fields, "node", draft), command_field(fields, "exec")};
  if (const YamlValue* may_fail = fields.find("may_fail")) exec.may_fail = boolean_of(*may_fail, "may_fail");
  std::string text = "exec on " + exec.node + ": " + exec.run;
  return {std::move(exec), 0, std::move(text)};
}

Step read_sleep(const YamlValue& value, LabDraft& /*draft*/) {
  SleepStep sleep{value_or_refuse(parse_duration_ns(text_of(value, "sleep")), value.line, "sleep")};
  std::string text = "sleep " + format_duration(sleep.duration_ns);
  return {sleep, 0, std::move(text)};
}

using StepReader = Step (*)(const YamlValue&, LabDraft&);
const std::array<std::string, 7> kSteps{"wait", "mark", "link", "node", "lan", "exec", "sleep"};
constexpr std::array<StepReader, 7> kReaders{read_wait,     read_mark,      read_link_step, read_node_step,
                                             read_lan_step, read_exec_step, read_sleep};

Step read_step(const YamlValue& value, LabDraft& draft) {
  if (value.kind != YamlValue::Kind::map || value.entries.size() != 1) {
    refuse(value.line, "a step of the scenario must be a map with one key", std::string(kExample));
  }
  const Fields fields(value, "the scenario", kSteps);
  const std::size_t chosen = action_of(fields, "the scenario", kSteps);
  Step step = kReaders[chosen](*value.entries.front().value, draft);
  step.line = value.line;
  // One line for people, whatever the command looks like.
  for (char& c : step.text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  while (!step.text.empty() && step.text.back() == ' ') step.text.pop_back();
  return step;
}

}  // namespace

void read_scenario(const YamlValue& steps, LabDraft& draft) {
  for (const YamlPointer& step : list_of(steps, "scenario")) draft.lab.scenario.push_back(read_step(*step, draft));
}

}  // namespace labreel
