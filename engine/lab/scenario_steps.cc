// The steps that stand for themselves: wait, expect, mark, node, exec, sleep.
#include <array>

#include "engine/core/units.h"
#include "engine/core/wire_words.h"
#include "engine/lab/lab_names.h"
#include "engine/lab/lab_verbs.h"
#include "engine/lab/node_words.h"
#include "engine/lab/scenario_reader.h"

namespace labreel {
namespace {

std::string node_field(const Fields& fields, std::string_view key, const LabShape& shape) {
  const std::string& name = fields.text(key);
  shape.check_node(name, fields.require(key).line);
  return name;
}

Step read_wait(const YamlValue& value, LabShape& shape) {
  static const std::array<std::string, 5> keys{"node", "run", "until", "count", "timeout"};
  const Fields fields(value, "wait", keys);
  WaitStep wait;
  node_field(fields, "node", shape);
  wait.condition = read_condition(fields, "wait");
  if (fields.find("timeout") != nullptr) wait.timeout_ns = duration_field(fields, "timeout");
  std::string text = std::string(text_of(StepKind::wait)) + describe(wait.condition);
  return {std::move(wait), 0, 0, std::move(text), {}};
}

Step read_expect(const YamlValue& value, LabShape& shape) {
  static const std::array<std::string, 4> keys{"node", "run", "until", "count"};
  const Fields fields(value, "expect", keys);
  node_field(fields, "node", shape);
  ExpectStep expect{read_condition(fields, "expect")};
  std::string text = std::string(text_of(StepKind::expect)) + describe(expect.condition);
  return {std::move(expect), 0, 0, std::move(text), {}};
}

Step read_mark(const YamlValue& value, LabShape& /*shape*/) {
  static const std::array<std::string, 2> keys{"name", "note"};
  const Fields fields(value, "mark", keys);
  MarkStep mark;
  mark.name = fields.text("name");
  check_marker_name(mark.name, fields.require("name").line);
  if (const YamlValue* note = fields.find("note")) mark.note = text_of(*note, "note");
  std::string text = "mark " + mark.name + (mark.note.empty() ? "" : ": " + mark.note);
  return {std::move(mark), 0, 0, std::move(text), {}};
}

std::vector<std::string> with_node_words(std::vector<std::string> keys) {
  for (std::string& key : node_word_keys()) keys.push_back(std::move(key));
  return keys;
}

// What a step says of the node that it adds, as words of a live command. A position is a list, as in a node.
std::vector<std::string> words_of_new_node(const Fields& fields, int line, const LabClock& clock) {
  std::vector<std::string> words;
  for (const std::string& key : node_word_keys()) {
    const YamlValue* const value = fields.find(key);
    if (value == nullptr) continue;
    if (key != "position") {
      words.push_back(key + "=" + text_of(*value, key));
      continue;
    }
    const std::array<std::int32_t, 2> position = read_position(*value);
    words.push_back("position=" + std::to_string(position[0]) + "," + std::to_string(position[1]));
  }
  if (const auto read = read_node_words(words, clock); !read) refuse(line, "node: add: " + read.error().what, read.error().hint);
  return words;
}

Step read_node_step(const YamlValue& value, LabShape& shape) {
  static const std::vector<std::string> actions(kNodeActions.begin(), kNodeActions.end());
  static const std::vector<std::string> keys = with_node_words(actions);
  const Fields fields(value, "node", keys);
  const std::size_t chosen = action_of(fields, "node", actions);
  NodeStep node{static_cast<NodeStep::Action>(chosen), fields.text(actions[chosen])};
  const int line = fields.require(actions[chosen]).line;
  if (node.action != NodeStep::Action::add && fields.entries().size() > 1) {
    refuse(line, "node: " + actions[chosen] + " takes a node's name and no setting", "write node: {" + actions[chosen] + ": " + node.node + "}");
  }
  if (node.action == NodeStep::Action::add) {
    node.words = words_of_new_node(fields, line, shape.clock());
    shape.add_node(node.node, line);
  } else if (node.action == NodeStep::Action::del) {
    shape.remove_node(node.node, line);
  } else {
    shape.check_node(node.node, line);
  }
  std::string text = actions[chosen] + " node " + node.node;
  for (const std::string& word : node.words) text += " " + word;
  return {std::move(node), 0, 0, std::move(text), {}};
}

Step read_exec_step(const YamlValue& value, LabShape& shape) {
  static const std::array<std::string, 3> keys{"node", "run", "may_fail"};
  const Fields fields(value, "exec", keys);
  ExecStep exec{node_field(fields, "node", shape), command_field(fields, "exec")};
  if (const YamlValue* may_fail = fields.find("may_fail")) exec.may_fail = boolean_of(*may_fail, "may_fail");
  std::string text = "exec on " + exec.node + ": " + exec.run;
  return {std::move(exec), 0, 0, std::move(text), {}};
}

Step read_sleep(const YamlValue& value, LabShape& /*shape*/) {
  SleepStep sleep{value_or_refuse(parse_duration_ns(text_of(value, "sleep")), value.line, "sleep")};
  std::string text = "sleep " + format_duration(sleep.duration_ns);
  return {sleep, 0, 0, std::move(text), {}};
}

}  // namespace

std::span<const NamedReader> plain_steps() {
  static const std::array<NamedReader, 10> readers{{
      {"wait", read_wait},
      {"expect", read_expect},
      {"mark", read_mark},
      {"link", read_link_step},
      {"node", read_node_step},
      {"lan", read_lan_step},
      {"exec", read_exec_step},
      {"sleep", read_sleep},
      {"flap", read_flap},
      {"ramp", read_ramp},
  }};
  return readers;
}

}  // namespace labreel
