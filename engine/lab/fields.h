// Fields: typed access to the tree of a lab file; what has the wrong type or an unknown key is refused by line.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/lab/refusal.h"
#include "engine/lab/yaml_tree.h"

namespace labreel {

// Returns what a value is, for messages: "a list", or the text itself in quotes.
std::string noun_of(const YamlValue& value);

// Each throws Refusal if the value is of another type; `name` is what messages call it ("delay", "the ports of r1").

const std::string& text_of(const YamlValue& value, std::string_view name);  // not empty
bool boolean_of(const YamlValue& value, std::string_view name);
std::uint64_t number_of(const YamlValue& value, std::string_view name, std::uint64_t min, std::uint64_t max);
std::int32_t integer_of(const YamlValue& value, std::string_view name);
const std::vector<YamlPointer>& list_of(const YamlValue& value, std::string_view name);   // nothing is an empty list
const std::vector<YamlEntry>& entries_of(const YamlValue& value, std::string_view name);  // nothing is an empty map

// Reads a list of two whole numbers: where a picture draws a node.
std::array<std::int32_t, 2> read_position(const YamlValue& value);

// Returns the value of a Result, or throws its error as a refusal of that line.
template <class T>
T value_or_refuse(Result<T> result, int line, std::string_view name) {
  if (result) return std::move(*result);
  Error error = std::move(result).error();
  refuse(line, std::string(name) + ": " + error.what, std::move(error.hint));
}

// Refuses a key that is not among the known ones, with a suggestion.
[[noreturn]] void refuse_key(const YamlEntry& entry, std::string_view of, std::span<const std::string> known);

// A map whose keys are known beforehand.
class Fields {
 public:
  // Throws Refusal if `value` is not a map or has a key that is not known; `of` is what messages call it ("a link").
  Fields(const YamlValue& value, std::string_view of, std::span<const std::string> known);

  const YamlValue* find(std::string_view key) const;
  const YamlValue& require(std::string_view key) const;
  const std::string& text(std::string_view key) const { return text_of(require(key), key); }
  const std::vector<YamlEntry>& entries() const { return *entries_; }
  int line() const { return line_; }

 private:
  const std::vector<YamlEntry>* entries_;
  std::string of_;
  int line_;
};

}  // namespace labreel
