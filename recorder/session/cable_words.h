// The settings that a live command gives a cable: "delay=5ms" for both directions, "delay.out=5ms" or "delay.in=5ms"
// for one.
#pragma once

#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/lab/scenario.h"

namespace labreel {

// Reads the words from the `from`th on into `change`; settings that no word names stay as they are there.
//
// Errors: Error{usage}: a word that is not KEY=VALUE, an unknown key, a value that cannot be.
Status read_cable_words(const std::vector<std::string>& words, std::size_t from, CableChange& change);

}  // namespace labreel
