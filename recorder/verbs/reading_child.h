// A limited child for verbs: what it throws comes back as its error, and texts as its answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recorder/lock/limited_child.h"
#include "recorder/verbs/verb.h"

namespace labreel {

// Errors: as in_limited_child(); a VerbError that `read` throws is its error.
inline Result<std::string> in_reading_child(const std::function<Result<std::string>()>& read, const ChildLimits& limits = {}) {
  return in_limited_child(
      [&]() -> Result<std::string> {
        try {
          return read();
        } catch (const VerbError& refused) {
          return refused.error();
        }
      },
      limits);
}

// Texts as one answer of a child. Each ends at its first NUL, if it has one: a name from a file cannot be taken for two.
inline std::string join_texts(const std::vector<std::string>& texts) {
  std::string bytes;
  for (const std::string& text : texts) bytes.append(text.c_str()) += '\0';
  return bytes;
}
inline std::vector<std::string> split_texts(std::string_view bytes) {
  std::vector<std::string> texts;
  for (std::size_t end = 0; (end = bytes.find('\0')) != std::string_view::npos; bytes.remove_prefix(end + 1))
    texts.emplace_back(bytes.substr(0, end));
  return texts;
}

}  // namespace labreel
