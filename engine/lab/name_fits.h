// What a lab file asks of names, asked from outside of it: of the names in a reel that somebody else made.
#pragma once

#include <string>

#include "engine/core/result.h"

namespace labreel {

// Says whether a lab file may have such a node or lan; such a port.
Status node_name_fits(const std::string& name);
Status port_name_fits(const std::string& name);

}  // namespace labreel
