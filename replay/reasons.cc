#include "replay/reasons.h"

#include <fmt/format.h>

namespace labreel {

std::string reasons_text() {
  std::string text;
  for (const ReasonWords& words : kReasonWords) {
    text += fmt::format("{:<16} {}\n{:<16} look at: {}\n", name_of(words.reason), words.meaning, "", words.look);
  }
  return text;
}

}  // namespace labreel
