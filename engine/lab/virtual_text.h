// The text of a lab file, changed so that the lab runs in virtual time.
#pragma once

#include <string>

#include "engine/core/result.h"

namespace labreel {

// Returns the text with `clock: virtual`, and `kind: uml` among the defaults of its nodes; all else stays as it is written, and
// a text that has both already stays as a whole.
//
// Shape:  `text` is a lab file that was read without an error; `path` is for messages.
// Errors: Error{usage} if a node or the defaults name another kind, or if the place of a change is not found; Error{input} if
//         the lab has what virtual time does not allow.
Result<std::string> virtual_lab_text(const std::string& text, const std::string& path);

}  // namespace labreel
