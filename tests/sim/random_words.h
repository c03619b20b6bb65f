// Random lab files, and random live commands: most of them sensible, some of them nonsense.
#pragma once

#include <string>
#include <vector>

#include "engine/core/topology.h"
#include "recorder/lab_control.h"
#include "tests/sim/dice.h"

namespace labreel::sim {

// Returns the text of a lab file that is in order: nodes, links, lans, impairments, exec lines, watches, a scenario.
std::string random_lab_file(Dice& dice);

// Returns a command for the lab as it is now: any verb, with names that are there, were there, or never are.
CommandRequest random_command(Dice& dice, const Topology& topology);

// Returns the name of a node that is or was there; or of none.
std::string random_node_name(Dice& dice, const Topology& topology);

}  // namespace labreel::sim
