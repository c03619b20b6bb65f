// ScenarioReader: what the readers of single steps, of steps inside steps, and of watches share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/lab/fields.h"
#include "engine/lab/lab_file.h"
#include "engine/lab/lab_shape.h"

namespace labreel {

// Reads the scenario, checked against the lab as each step's forerunners leave it; `shape` is how its last step leaves it.
// Each throws Refusal.
void read_scenario(const YamlValue& steps, LabShape& shape, LabFile& lab);
void read_watches(const YamlValue& watches, const LabShape& shape, LabFile& lab);

// Returns the one key among `actions` that a step has, such as `down` of {down: "r1:eth1"}.
std::size_t action_of(const Fields& fields, std::string_view step, std::span<const std::string> actions);

// Reads run, until and count; the caller checks and sets the node.
Condition read_condition(const Fields& fields, std::string_view step);
// "r1: vtysh … until Full (2 times)"
std::string describe(const Condition& condition);
// Makes one line for people of it, whatever the command looks like.
void make_one_line(std::string& text);

// The text of a field that is a command line or a duration, checked.
std::string command_field(const Fields& fields, std::string_view step);
std::uint64_t duration_field(const Fields& fields, std::string_view key);  // longer than 0

// Reads one step that holds no others; steps[i] names what readers[i] reads.
using StepReader = Step (*)(const YamlValue&, LabShape&);
struct NamedReader {
  std::string name;
  StepReader read;
};
std::span<const NamedReader> plain_steps();
Step read_link_step(const YamlValue& value, LabShape& shape);
Step read_lan_step(const YamlValue& value, LabShape& shape);
Step read_flap(const YamlValue& value, LabShape& shape);
Step read_ramp(const YamlValue& value, LabShape& shape);

}  // namespace labreel
