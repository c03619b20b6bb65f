// YamlValue: a YAML document as a tree with line numbers, built within limits that hostile text cannot exceed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace labreel {

inline constexpr std::size_t kLabFileBytes_max = 10'000'000;
inline constexpr std::size_t kYamlMarks_max = 1'000'000;             // characters that may become a token of their own
inline constexpr std::size_t kYamlValues_max = 1'000'000;            // aliases count as all that they stand for
inline constexpr std::size_t kYamlText_max = 2 * kLabFileBytes_max;  // bytes of text, aliases written out
inline constexpr int kYamlDepth_max = 32;

struct YamlValue;
using YamlPointer = std::shared_ptr<const YamlValue>;  // shared, because an alias is the value it names

struct YamlEntry {
  std::string key;
  int line = 0;
  YamlPointer value;
};

struct YamlValue {
  enum class Kind { null, text, list, map } kind = Kind::null;
  int line = 0;
  std::string text;
  std::vector<YamlPointer> items;
  std::vector<YamlEntry> entries;  // in the file's order, each key once
  std::size_t values = 1;          // in this tree, aliases written out
  std::size_t text_bytes = 0;
};

// Parses a text with one YAML document.
//
// Errors: throws Refusal for text that is not one valid document, holds a key twice, is not UTF-8, or exceeds a limit
//         (which it names).
YamlPointer parse_yaml(const std::string& text);

}  // namespace labreel
