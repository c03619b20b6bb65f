// The steps that act on cables: link, lan, flap, ramp.
#include <algorithm>
#include <array>

#include "engine/core/cable_table.h"
#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "engine/lab/lab_draft.h"
#include "engine/lab/lab_verbs.h"
#include "engine/lab/scenario_reader.h"

namespace labreel {
namespace {

bool is_cable_key(const std::string& key) {
  return std::find(cable_keys().begin(), cable_keys().end(), key) != cable_keys().end();
}

// Reads the settings among a step's keys; `text` gets them for people.
CableChange read_change(const Fields& fields, std::string& text) {
  CableChange change;
  for (const YamlEntry& entry : fields.entries()) {
    if (!is_cable_key(entry.key)) continue;
    read_cable_key(entry, change);
    text += " " + entry.key;
    if (entry.value->kind == YamlValue::Kind::text) text += " " + entry.value->text;
    for (const YamlEntry& side : entry.value->entries) text += " " + side.key + " " + side.value->text;
  }
  return change;
}

std::optional<Direction> read_direction(const Fields& fields) {
  static const std::array<std::string, 2> directions{"out", "in"};
  const YamlValue* const value = fields.find("direction");
  if (value == nullptr) return std::nullopt;
  const std::string& text = text_of(*value, "direction");
  if (text == "out") return Direction::out;
  if (text == "in") return Direction::in;
  refuse(value->line, "direction must be out or in, but is " + quote(text) + did_you_mean(text, directions),
         "seen from the port: out is what its node sends");
}

// Refuses keys that belong to another action of the same step.
void refuse_others(const Fields& fields, std::string_view step, const std::string& action, bool settings,
                   std::string_view also, const std::string& hint) {
  for (const YamlEntry& entry : fields.entries()) {
    const bool fits = entry.key == action || entry.key == also || (settings && is_cable_key(entry.key));
    if (!fits) refuse(entry.line, std::string(step) + ": " + action + " takes no " + entry.key, hint);
  }
}

Step read_link_add(const Fields& fields, LinkStep link, LabShape& shape) {
  const YamlValue& value = fields.require("add");
  const auto& ends = list_of(value, "link: add");
  if (ends.size() != 2) refuse(value.line, "link: add joins two ports", "write link: {add: [\"r1:eth3\", \"r2:eth3\"]}");
  link.port = text_of(*ends[0], "an end of a link");
  link.peer = text_of(*ends[1], "an end of a link");
  shape.add_link(link.port, link.peer, value.line);
  std::string text = "link " + link.port + " " + link.peer + " add";
  link.change = read_change(fields, text);
  return {std::move(link), 0, 0, std::move(text), {}};
}

std::string direction_text(const std::optional<Direction>& direction) {
  if (!direction) return {};
  return *direction == Direction::out ? " out" : " in";
}

}  // namespace

Step read_link_step(const YamlValue& value, LabShape& shape) {
  static const std::vector<std::string> actions(kLinkActions.begin(), kLinkActions.end());
  static const std::vector<std::string> keys = with_cable_keys({"up", "down", "set", "add", "del", "direction"});
  const Fields fields(value, "link", keys);
  const std::size_t chosen = action_of(fields, "link", actions);
  LinkStep link;
  link.action = static_cast<LinkStep::Action>(chosen);
  const bool sets = link.action == LinkStep::Action::set || link.action == LinkStep::Action::add;
  const bool cuts = link.action == LinkStep::Action::up || link.action == LinkStep::Action::down;
  refuse_others(fields, "link", actions[chosen], sets, cuts ? "direction" : "", "write link: {set: PORT, KEY: VALUE}, or KEY: {out: VALUE} for one direction");
  if (link.action == LinkStep::Action::add) return read_link_add(fields, std::move(link), shape);
  link.port = fields.text(actions[chosen]);
  const int line = fields.require(actions[chosen]).line;
  if (link.action == LinkStep::Action::del) {
    shape.remove_link(link.port, line);
  } else {
    shape.check_cable(link.port, line);
  }
  link.direction = read_direction(fields);
  std::string text = "link " + link.port + " " + actions[chosen] + direction_text(link.direction);
  link.change = read_change(fields, text);
  if (link.action == LinkStep::Action::set && (link.change.out_fields | link.change.in_fields) == 0) {
    refuse(line, "link: set changes nothing", "add a setting, such as loss: 10%");
  }
  return {std::move(link), 0, 0, std::move(text), {}};
}

Step read_lan_step(const YamlValue& value, LabShape& shape) {
  static const std::vector<std::string> actions(kLanActions.begin(), kLanActions.end());
  static const std::vector<std::string> keys = with_cable_keys({"join", "leave", "add", "del", "port", "hub"});
  const Fields fields(value, "lan", keys);
  const std::size_t chosen = action_of(fields, "lan", actions);
  LanStep lan;
  lan.action = static_cast<LanStep::Action>(chosen);
  lan.lan = fields.text(actions[chosen]);
  const int line = fields.require(actions[chosen]).line;
  const bool moves_port = lan.action == LanStep::Action::join || lan.action == LanStep::Action::leave;
  refuse_others(fields, "lan", actions[chosen], lan.action == LanStep::Action::join,
                moves_port ? "port" : (lan.action == LanStep::Action::add ? "hub" : ""), {});
  if (moves_port) lan.port = fields.text("port");
  std::string text;
  switch (lan.action) {
    case LanStep::Action::join:
      shape.join(lan.lan, lan.port, line);
      text = lan.port + " joins lan " + lan.lan;
      break;
    case LanStep::Action::leave:
      shape.leave(lan.lan, lan.port, line);
      text = lan.port + " leaves lan " + lan.lan;
      break;
    case LanStep::Action::add:
      shape.add_lan(lan.lan, line);
      if (const YamlValue* hub = fields.find("hub")) lan.hub = boolean_of(*hub, "hub");
      text = "add lan " + lan.lan + (lan.hub ? " (a hub)" : "");
      break;
    case LanStep::Action::del:
      shape.remove_lan(lan.lan, line);
      text = "del lan " + lan.lan;
      break;
  }
  lan.change = read_change(fields, text);
  return {std::move(lan), 0, 0, std::move(text), {}};
}

Step read_flap(const YamlValue& value, LabShape& shape) {
  static const std::array<std::string, 4> keys{"port", "times", "down", "up"};
  constexpr std::uint64_t times_max = 100'000;
  const Fields fields(value, "flap", keys);
  FlapStep flap;
  flap.port = fields.text("port");
  shape.check_cable(flap.port, fields.require("port").line);
  flap.times = static_cast<std::uint32_t>(number_of(fields.require("times"), "times", 1, times_max));
  if (fields.find("down") != nullptr) flap.down_ns = duration_field(fields, "down");
  if (fields.find("up") != nullptr) flap.up_ns = duration_field(fields, "up");
  std::string text = "flap " + flap.port + " " + std::to_string(flap.times) + " times: down " +
                     format_duration(flap.down_ns) + ", up " + format_duration(flap.up_ns);
  return {std::move(flap), 0, 0, std::move(text), {}};
}

namespace {

constexpr std::array kRamped{kFieldDelay, kFieldJitter, kFieldRate, kFieldLoss};

std::uint64_t ramp_value(const CableSetting& setting, const YamlValue& value, std::string_view key) {
  const std::uint64_t number = value_or_refuse(setting.parse(text_of(value, key)), value.line, key);
  if (setting.unit == CableUnit::rate && number == 0) {
    refuse(value.line, std::string(key) + ": a rate of 0 means no limit, so nothing leads there");
  }
  return number;
}

RampStep::Setting read_ramp_setting(const CableSetting& setting, const YamlEntry& entry, std::string& text) {
  static const std::array<std::string, 2> keys{"from", "to"};
  const Fields range(*entry.value, entry.key, keys);
  text += " " + entry.key + " " + range.text("from") + " to " + range.text("to");
  return {static_cast<CableField>(setting.field()), ramp_value(setting, range.require("from"), entry.key + ": from"),
          ramp_value(setting, range.require("to"), entry.key + ": to")};
}

}  // namespace

Step read_ramp(const YamlValue& value, LabShape& shape) {
  static const std::array<std::string, 8> keys{"port", "direction", "delay", "jitter", "rate", "loss", "over", "steps"};
  constexpr std::uint64_t steps_max = 10'000;
  const Fields fields(value, "ramp", keys);
  RampStep ramp;
  ramp.port = fields.text("port");
  shape.check_cable(ramp.port, fields.require("port").line);
  ramp.direction = read_direction(fields);
  ramp.over_ns = duration_field(fields, "over");
  if (const YamlValue* steps = fields.find("steps")) {
    ramp.steps = static_cast<std::uint32_t>(number_of(*steps, "steps", 1, steps_max));
  }
  std::string text = "ramp " + ramp.port + direction_text(ramp.direction);
  for (const YamlEntry& entry : fields.entries()) {
    for (const CableField field : kRamped) {
      const CableSetting& setting = cable_setting_of(field);
      if (setting.key == entry.key) ramp.settings.push_back(read_ramp_setting(setting, entry, text));
    }
  }
  if (ramp.settings.empty()) {
    refuse(fields.line(), "ramp changes nothing", "add a setting, such as loss: {from: 0%, to: 20%}");
  }
  text += " over " + format_duration(ramp.over_ns) + " in " + std::to_string(ramp.steps) + " steps";
  return {std::move(ramp), 0, 0, std::move(text), {}};
}

}  // namespace labreel
