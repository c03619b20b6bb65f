// What the verbs that speak to a running lab share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/control/control_client.h"
#include "recorder/verbs/verb.h"

namespace labreel {

// Adds --lab NAME, which chooses among several running labs.
CLI::Option* add_lab_option(CLI::App& verb, std::string& lab);

// Returns the lab that was named, or else the one that LABREEL_LAB names; empty if neither does.
std::string chosen_lab(const std::string& lab);

// Connects to the chosen lab, or to the only one that runs. Throws VerbError.
ControlClient connect_to_lab(const std::string& lab);

// Gives one command to the lab, and says on a terminal which event it is; its refusal is thrown as VerbError. Returns kExitDone.
int give_command(const std::string& lab, const std::string& verb, const std::vector<std::string>& arguments);

}  // namespace labreel
