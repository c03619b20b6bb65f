// SIGKILL of the recorder at random moments of a sample.
#pragma once

#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace labreel::test {

// Starts the command, which becomes a recorder that writes killed.reel into the folder, `rounds` times; kills it at a
// random moment within `within_ms`, and requires that nothing of the lab stays.
// Shape: a failure prints the seed; LABREEL_TEST_SEED sets it.
void require_nothing_stays(const std::vector<std::string>& command, const TestFolder& folder, int rounds,
                           int within_ms);

}  // namespace labreel::test
