// The guest's network cards, set up as the lab says.
#pragma once

#include <vector>

#include "engine/nodes/node_spec.h"

namespace labreel {

// Names the cards and gives them addresses and MTU; they stay down. Card i (eth0, eth1 … in the kernel's order) is
// interface i of the spec.
//
// Errors: std::system_error naming the attempt and the interface.
void set_up_cards(const std::vector<InterfaceSpec>& interfaces);
// Puts lo and the cards up.
void put_cards_up(const std::vector<InterfaceSpec>& interfaces);

}  // namespace labreel
