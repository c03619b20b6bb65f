#include "engine/lab/node_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "engine/core/node_kinds.h"
#include "engine/core/suggest.h"
#include "engine/core/usage_error.h"

namespace labreel {
namespace {

using Position = std::array<std::int32_t, 2>;

// "120,80"
std::optional<Position> position_in(std::string_view text) {
  Position position{};
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, position[0]);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ',') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, position[1]);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  return position;
}

Result<NodeKind> read_kind(const std::string& text, const LabClock& clock) {
  const NodeKind kind = text;
  const NodeKindFacts* const facts = facts_of(kind);
  if (facts == nullptr) return usage_error("there is no node kind \"" + text + "\"", "the kinds that this version has are " + kinds_in_words());
  if (clock == facts->clock) return kind;
  return usage_error("a node of kind " + text + " cannot be in this lab, whose clock is " + std::string(clock.text()),
               "leave kind out: a node of this lab is of kind " + std::string(NodeKind(default_kind_of(clock)).text()));
}

}  // namespace

std::vector<std::string> node_word_keys() {
  std::vector<std::string> keys{"kind", "position"};
  for (std::string& key : node_setting_keys()) keys.push_back(std::move(key));
  return keys;
}

Result<NodeAdded> read_node_words(std::span<const std::string> words, const LabClock& clock) {
  std::map<std::string, std::string> values;
  const std::vector<std::string> keys = node_word_keys();
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return usage_error("`" + word + "` is not KEY=VALUE", "for example position=120,80");
    const std::string key = word.substr(0, equals);
    if (std::find(keys.begin(), keys.end(), key) == keys.end() && key != kImageKey) return usage_error("a node has no setting \"" + key + "\"" + did_you_mean(key, keys));
    if (!values.emplace(key, word.substr(equals + 1)).second) return usage_error(key + " is given twice");
  }
  NodeAdded added;
  added.node_kind = default_kind_of(clock);
  if (const auto kind = values.extract("kind")) {
    Result<NodeKind> read = read_kind(kind.mapped(), clock);
    if (!read) return read.error();
    added.node_kind = *std::move(read);
  }
  if (const auto position = values.extract("position")) {
    added.position = position_in(position.mapped());
    if (!added.position) return usage_error("`" + position.mapped() + "` is no position", "two whole numbers: position=120,80");
  }
  for (const auto& [key, value] : values) {
    Result<NodeSetting> setting = read_node_setting(added.node_kind, key, value);
    if (!setting) return setting.error();
    added.settings.push_back(*std::move(setting));
  }
  return added;
}

}  // namespace labreel
