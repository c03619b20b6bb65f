// Our one-line summaries of real labs' frames beside tshark's columns.
#pragma once

#include <string>

#include "tests/cli/program.h"

namespace labreel::test {

// Requires of every frame that its summary names the protocol that tshark names, and has the words of tshark's Info
// column.
//
// Shape: without what tshark knows from other frames (scaled windows, retransmissions, duplicate addresses) and the
//        details that follow the words. A payload that only tshark looks into must be told by its carrier's name.
void require_summaries_as_tshark(const std::string& reel, const TestFolder& folder);

}  // namespace labreel::test
