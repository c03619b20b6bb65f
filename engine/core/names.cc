// The names of kinds and reasons, as JSON and people see them.
#include <array>
#include <string>

#include "engine/core/event.h"

namespace labreel {
namespace {

constexpr std::size_t kNotesFrom = static_cast<std::size_t>(kFirstNote);

constexpr std::array<std::string_view, static_cast<std::size_t>(EventKind::divergence) + 1> kKindNames{
    "",             "lab.begun",  "lab.ended",   "node.added",  "node.removed", "node.starting", "node.started",
    "node.stopped", "node.paused", "node.resumed", "port.added", "port.removed", "port.up",       "port.down",
    "link.added",   "link.removed", "link.up",    "link.down",   "link.changed", "lan.added",     "lan.removed",
    "lan.joined",   "lan.left",   "frame",       "outcome",     "command",      "command.done",  "exec",
    "exec.output",  "exec.done",  "console",     "scenario",    "marker",       "snapshot",      "checkpoint",
    "gap",          "divergence"};
constexpr std::array<std::string_view, 3> kNoteNames{"node.state", "assertion", "exec.input"};
static_assert(kKindNames.size() - 1 + kNoteNames.size() + 1 == std::variant_size_v<EventBody>);

constexpr std::array<std::string_view, kReasonCount> kReasonNames{
    "delivered",    "loss", "queue-full",  "link-down",       "port-down", "port-removed",
    "node-stopped", "mtu",  "no-receiver", "refused-by-node", "malformed", "lab-ended"};

template <class Enum, std::size_t Size>
std::optional<Enum> find_name(const std::array<std::string_view, Size>& names, std::string_view name) {
  for (std::size_t i = 0; i < Size; ++i) {
    if (names[i] == name && !name.empty()) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

// By number, from kFirstNote on.
const std::array<std::string, 256 - kNotesFrom>& all_note_names() {
  static const auto kAll = [] {
    std::array<std::string, 256 - kNotesFrom> names;
    for (std::size_t i = 0; i < names.size(); ++i) {
      names[i] = i < kNoteNames.size() ? std::string(kNoteNames[i]) : "unknown note " + std::to_string(kNotesFrom + i);
    }
    return names;
  }();
  return kAll;
}

}  // namespace

std::string_view name_of(EventKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  if (index >= kNotesFrom) return all_note_names()[index - kNotesFrom];
  return index < kKindNames.size() ? kKindNames[index] : "unknown";
}

std::optional<EventKind> kind_named(std::string_view name) {
  if (const auto kind = find_name<EventKind>(kKindNames, name)) return kind;
  const auto& notes = all_note_names();
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (notes[i] == name) return static_cast<EventKind>(kNotesFrom + i);
  }
  return std::nullopt;
}

std::vector<EventKind> named_kinds() {
  std::vector<EventKind> kinds;
  for (std::size_t i = 1; i < kKindNames.size(); ++i) kinds.push_back(static_cast<EventKind>(i));
  for (std::size_t i = 0; i < kNoteNames.size(); ++i) kinds.push_back(static_cast<EventKind>(kNotesFrom + i));
  return kinds;
}

std::string_view name_of(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kReasonNames.size() ? kReasonNames[index] : "unknown";
}
std::optional<Reason> reason_named(std::string_view name) { return find_name<Reason>(kReasonNames, name); }

}  // namespace labreel
