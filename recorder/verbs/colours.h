// Whether stdout takes colours.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace labreel {

inline bool wants_colours() {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view{terminal} != "dumb");
}

}  // namespace labreel
