// Random labs, recorded as the real-time loop would: for tests of what reads recordings.
#pragma once

#include "engine/core/fabric.h"
#include "tests/engine/core/random_lab.h"
#include "tests/replay/event_list.h"

namespace labreel::test {

// Runs a random script of about `steps` steps through a fabric and appends all that happens, from lab.begun to
// lab.ended. Nodes refuse some of what comes due. Returns what the fabric counted.
FabricCounts record_random_lab(EventSink& sink, std::uint64_t seed, std::size_t steps, const ScriptLimits& limits = {});

}  // namespace labreel::test
