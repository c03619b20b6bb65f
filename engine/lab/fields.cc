#include "engine/lab/fields.h"

#include <charconv>
#include <limits>
#include <map>

#include "engine/core/suggest.h"

namespace labreel {
namespace {

[[noreturn]] void refuse_type(const YamlValue& value, std::string_view name, std::string_view wanted) {
  refuse(value.line, std::string(name) + " must be " + std::string(wanted) + ", but is " + noun_of(value));
}

template <class Integer>
bool read_integer(const std::string& text, Integer& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Keys that people bring along from other places of the file or from other tools.
std::string hint_for_key(const std::string& key) {
  static const std::map<std::string, std::string, std::less<>> hints{
      {"nodes", "nodes belongs under topology"},
      {"links", "links belongs under topology"},
      {"lans", "lans belongs under topology"},
      {"kinds", "kinds belongs under topology"},
      {"defaults", "defaults belongs under topology"},
      {"scenario", "scenario belongs at the top of the file, beside topology"},
      {"watch", "watch belongs at the top of the file, beside scenario"},
      {"seed", "seed belongs at the top of the file"},
      {"clock", "clock belongs at the top of the file"},
      {"image", "a namespace node has the host's programs, there is no image; with clock: virtual all guests have one, which stands at the top of the file"},
      {"binds", "files: {/path/in/node: path/beside/the/lab/file} puts files into a node"},
      {"latency", "the key is delay"},
      {"direction", "what holds for one direction is written so: loss: {out: 1%}"},
      {"bandwidth", "the key is rate"},
      {"<<", "merge keys are not read: use topology: {defaults, kinds}"},
  };
  // As the command line has it: loss.out=1%
  for (const std::string side : {"out", "in"}) {
    if (key.size() > side.size() + 1 && key.ends_with("." + side)) {
      return "write " + key.substr(0, key.size() - side.size() - 1) + ": {" + side + ": VALUE}";
    }
  }
  const auto found = hints.find(key);
  return found == hints.end() ? std::string() : found->second;
}

}  // namespace

std::string noun_of(const YamlValue& value) {
  switch (value.kind) {
    case YamlValue::Kind::null:
      return "nothing";
    case YamlValue::Kind::text:
      return quote(value.text);
    case YamlValue::Kind::list:
      return "a list";
    case YamlValue::Kind::map:
      return "a map";
  }
  return "something else";
}

const std::string& text_of(const YamlValue& value, std::string_view name) {
  if (value.kind != YamlValue::Kind::text) refuse_type(value, name, "plain text");
  if (value.text.empty()) refuse(value.line, std::string(name) + " is empty");
  return value.text;
}

bool boolean_of(const YamlValue& value, std::string_view name) {
  if (value.kind == YamlValue::Kind::text && value.text == "true") return true;
  if (value.kind == YamlValue::Kind::text && value.text == "false") return false;
  refuse_type(value, name, "true or false");
}

std::uint64_t number_of(const YamlValue& value, std::string_view name, std::uint64_t min, std::uint64_t max) {
  std::uint64_t number = 0;
  const bool good = value.kind == YamlValue::Kind::text && read_integer(value.text, number);
  if (good && number >= min && number <= max) return number;
  refuse_type(value, name, "a number from " + std::to_string(min) + " to " + std::to_string(max));
}

std::int32_t integer_of(const YamlValue& value, std::string_view name) {
  std::int32_t number = 0;
  if (value.kind == YamlValue::Kind::text && read_integer(value.text, number)) return number;
  refuse_type(value, name, "a whole number");
}

const std::vector<YamlPointer>& list_of(const YamlValue& value, std::string_view name) {
  if (value.kind != YamlValue::Kind::list && value.kind != YamlValue::Kind::null) refuse_type(value, name, "a list");
  return value.items;
}

const std::vector<YamlEntry>& entries_of(const YamlValue& value, std::string_view name) {
  if (value.kind != YamlValue::Kind::map && value.kind != YamlValue::Kind::null) refuse_type(value, name, "a map");
  return value.entries;
}

std::array<std::int32_t, 2> read_position(const YamlValue& value) {
  const auto& items = list_of(value, "position");
  if (items.size() != 2) refuse(value.line, "position must be two whole numbers", "write position: [120, 80]");
  return {integer_of(*items[0], "position"), integer_of(*items[1], "position")};
}

void refuse_key(const YamlEntry& entry, std::string_view of, std::span<const std::string> known) {
  std::string hint = hint_for_key(entry.key);
  if (hint.empty()) {
    for (const std::string& key : known) hint += (hint.empty() ? std::string(of) + " has: " : ", ") + key;
  }
  refuse(entry.line, std::string(of) + " has no key " + quote(entry.key) + did_you_mean(entry.key, known), hint);
}

Fields::Fields(const YamlValue& value, std::string_view of, std::span<const std::string> known)
    : entries_(&entries_of(value, of)), of_(of), line_(value.line) {
  for (const YamlEntry& entry : *entries_) {
    bool found = false;
    for (const std::string& key : known) found = found || key == entry.key;
    if (!found) refuse_key(entry, of, known);
  }
}

const YamlValue* Fields::find(std::string_view key) const {
  for (const YamlEntry& entry : *entries_) {
    if (entry.key == key) return entry.value.get();
  }
  return nullptr;
}

const YamlValue& Fields::require(std::string_view key) const {
  if (const YamlValue* value = find(key)) return *value;
  refuse(line_, of_ + " lacks the key " + std::string(key));
}

}  // namespace labreel
