// What is said of a node that is added to a running lab: "memory=128MiB", "kind=uml", "position=120,80".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// Returns the keys: kind, position, and the settings of nodes of any kind.
std::vector<std::string> node_word_keys();

// Reads the words into a node without a number and a name. One that names no kind is of the clock's own.
//
// Errors: Error{usage}: a word that is not KEY=VALUE, an unknown key, a value or kind that a node of such a lab cannot have.
Result<NodeAdded> read_node_words(std::span<const std::string> words, const LabClock& clock);

}  // namespace labreel
