// A topology to and from the bytes of a saved state.
#pragma once

#include "engine/core/state_codec.h"
#include "engine/core/topology.h"

namespace labreel {

void write_topology(StateWriter& writer, const Topology& topology);
// Errors: bytes that write_topology() did not make.
Result<Topology> read_topology(StateReader& reader);

}  // namespace labreel
