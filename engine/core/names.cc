// The names of kinds and reasons, as JSON and people see them.
#include <array>

#include "engine/core/event.h"

namespace labreel {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<EventBody> + 1> kKindNames{
    "",             "lab.begun",  "lab.ended",   "node.added",  "node.removed", "node.starting", "node.started",
    "node.stopped", "node.paused", "node.resumed", "port.added", "port.removed", "port.up",       "port.down",
    "link.added",   "link.removed", "link.up",    "link.down",   "link.changed", "lan.added",     "lan.removed",
    "lan.joined",   "lan.left",   "frame",       "outcome",     "command",      "command.done",  "exec",
    "exec.output",  "exec.done",  "console",     "scenario",    "marker",       "snapshot",      "checkpoint",
    "gap",          "divergence"};

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

}  // namespace

std::string_view name_of(EventKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kKindNames.size() ? kKindNames[index] : "unknown";
}
std::optional<EventKind> kind_named(std::string_view name) { return find_name<EventKind>(kKindNames, name); }

std::string_view name_of(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kReasonNames.size() ? kReasonNames[index] : "unknown";
}
std::optional<Reason> reason_named(std::string_view name) { return find_name<Reason>(kReasonNames, name); }

}  // namespace labreel
