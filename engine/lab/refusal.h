// Refusal: how the lab file's readers give up inside this folder; it never leaves it (lab_file.cc makes it an Error).
#pragma once

#include <string>
#include <string_view>

namespace labreel {

// What is wrong with a lab file, and in which line; line 0 is the file as a whole.
struct Refusal {
  int line = 0;
  std::string what;
  std::string hint;
};

[[noreturn]] inline void refuse(int line, std::string what, std::string hint = {}) {
  throw Refusal{line, std::move(what), std::move(hint)};
}

// Returns text of the file as it may stand in a message: short, and without control characters.
std::string quote(std::string_view text);

}  // namespace labreel
