#include "engine/core/node_kinds.h"

#include <algorithm>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "engine/core/usage_error.h"

namespace labreel {
namespace {

const NodeSettingFacts* setting_of(const NodeKindFacts& facts, std::string_view key) {
  const auto found = std::find_if(facts.settings.begin(), facts.settings.end(), [&](const NodeSettingFacts& each) { return each.key == key; });
  return found == facts.settings.end() ? nullptr : &*found;
}

// Says why nodes of a kind have no setting of that name.
Error no_such_setting(const NodeKindFacts* facts, const NodeKind& kind, std::string_view key) {
  if (key == kImageKey && facts != nullptr) {
    return usage_error("a node of kind " + std::string(kind.text()) + " has no image of its own", std::string(facts->instead_of_image));
  }
  std::string owners;
  for (const NodeKindFacts& other : kNodeKinds) {
    if (setting_of(other, key) != nullptr) owners += (owners.empty() ? "" : ", ") + std::string(NodeKind(other.kind).text());
  }
  const std::string quoted = "\"" + std::string(key) + "\"";
  if (!owners.empty()) {
    return usage_error(std::string(key) + " is a setting of nodes of kind " + owners + ", not of kind " + std::string(kind.text()),
                       "leave " + std::string(key) + " out, or take another kind");
  }
  std::vector<std::string> keys;
  if (facts != nullptr) {
    for (const NodeSettingFacts& each : facts->settings) keys.emplace_back(each.key);
  }
  return usage_error("a node of kind " + std::string(kind.text()) + " has no setting " + quoted + did_you_mean(std::string(key), keys));
}

}  // namespace

Result<std::string> NodeSettingFacts::read(std::string_view text) const {
  const Result<std::uint64_t> size = parse_size_bytes(text);
  if (!size) return usage_error(std::string(key) + ": " + size.error().what, "for example " + std::string(key) + "=" + std::string(example));
  if (*size < least || *size > most) {
    return usage_error(std::string(key) + " must be from " + format_size(least) + " to " + format_size(most) + ", not " + std::string(text));
  }
  if (*size % step != 0) return usage_error(std::string(key) + " must be a multiple of " + format_size(step) + ", not " + std::string(text));
  return format_size(*size);
}

const NodeKindFacts* facts_of(const NodeKind& kind) {
  const auto found = std::find_if(kNodeKinds.begin(), kNodeKinds.end(), [&](const NodeKindFacts& facts) { return kind == facts.kind; });
  return found == kNodeKinds.end() ? nullptr : found;
}

NodeKindName default_kind_of(const LabClock& clock) {
  const auto found = std::find_if(kNodeKinds.begin(), kNodeKinds.end(), [&](const NodeKindFacts& facts) { return clock == facts.clock; });
  return found == kNodeKinds.end() ? NodeKindName::other : found->kind;
}

std::string kinds_in_words() {
  std::string words;
  for (std::size_t i = 0; i < kNodeKinds.size(); ++i) {
    words += i == 0 ? "" : i + 1 == kNodeKinds.size() ? " and " : ", ";
    words += NodeKind(kNodeKinds[i].kind).text();
  }
  return words;
}

std::vector<std::string> node_setting_keys() {
  std::vector<std::string> keys;
  for (const NodeKindFacts& facts : kNodeKinds) {
    for (const NodeSettingFacts& setting : facts.settings) {
      if (std::find(keys.begin(), keys.end(), setting.key) == keys.end()) keys.emplace_back(setting.key);
    }
  }
  return keys;
}

bool has_node_setting(const NodeKind& kind, std::string_view key) {
  const NodeKindFacts* const facts = facts_of(kind);
  return facts != nullptr && setting_of(*facts, key) != nullptr;
}

Result<NodeSetting> read_node_setting(const NodeKind& kind, std::string_view key, std::string_view value) {
  const NodeKindFacts* const facts = facts_of(kind);
  const NodeSettingFacts* const setting = facts == nullptr ? nullptr : setting_of(*facts, key);
  if (setting == nullptr) return no_such_setting(facts, kind, key);
  Result<std::string> text = setting->read(value);
  if (!text) return text.error();
  return NodeSetting{std::string(key), *std::move(text)};
}

std::optional<std::uint64_t> size_in(const NodeKind& kind, const std::vector<NodeSetting>& settings, std::string_view key) {
  for (const NodeSetting& setting : settings) {
    if (setting.key != key) continue;
    const Result<NodeSetting> checked = read_node_setting(kind, key, setting.value);
    return checked ? std::optional{parse_size_bytes(checked->value).value()} : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace labreel
