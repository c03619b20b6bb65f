// The kinds of node that this version has, in one table: lab files, commands, engines, help and completion ask it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/core/wire_words.h"

namespace labreel {

// A setting that nodes of a kind have, which is a size.
//
// Units: bytes.
struct NodeSettingFacts {
  std::string_view key;      // "memory": in lab files, on the command line and in events
  std::string_view example;  // a value, as it is written
  std::string_view help;     // what it is, as LAB_FILE.md says it
  std::uint64_t unset = 0;   // of a node that says nothing
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::uint64_t step = 1;  // it is a multiple of this

  // Reads "128MiB" and gives it as events have it. Errors: Error{usage}: no size, or one that no node of the kind can have.
  Result<std::string> read(std::string_view text) const;
};

inline constexpr std::uint64_t kMiB = 1U << 20U;
inline constexpr std::uint64_t kUmlMemory_bytes = 64 * kMiB;  // of a node that says nothing
inline constexpr std::array<NodeSettingFacts, 1> kUmlSettings{
    {{"memory", "128MiB", "of a node's own kernel and programs", kUmlMemory_bytes, 32 * kMiB, 4096 * kMiB, kMiB}}};

struct NodeKindFacts {
  NodeKindName kind;
  ClockKind clock;  // of the labs that it can be in
  std::string_view instead_of_image;  // what to do where someone gives a node an image of its own: it can have none
  std::span<const NodeSettingFacts> settings = {};
};
// A lab's nodes that name no kind are of the first that its clock allows.
inline constexpr std::array<NodeKindFacts, 2> kNodeKinds{
    {{NodeKindName::host_namespace, ClockKind::real, "it has the host's programs; files: {/path: file} of the lab file puts files into it"},
     {NodeKindName::uml, ClockKind::virtual_time, "all guests of a lab have the same: image: FILE at the top of the lab file",
      kUmlSettings}}};

// What other tools' nodes have each; a kind that gets it takes it as a setting.
inline constexpr std::string_view kImageKey = "image";

// Returns what is known of a kind; nullptr if this version has no such nodes.
const NodeKindFacts* facts_of(const NodeKind& kind);
// Returns the kind of a node that names none; `other` for a clock by which no lab runs.
NodeKindName default_kind_of(const LabClock& clock);
// Returns the names of the kinds: "namespace and uml".
std::string kinds_in_words();

// Returns the keys that nodes of any kind have, each once.
std::vector<std::string> node_setting_keys();
// Says whether nodes of that kind have a setting of that key.
bool has_node_setting(const NodeKind& kind, std::string_view key);
// Reads a setting of a node of that kind.
//
// Errors: Error{usage}: nodes of the kind have no such setting, or none with that value.
Result<NodeSetting> read_node_setting(const NodeKind& kind, std::string_view key, std::string_view value);
// Returns the size that a node's settings give, in bytes; nothing if they do not say, or something that a node of its kind cannot
// have: they may come from a stranger's recording.
std::optional<std::uint64_t> size_in(const NodeKind& kind, const std::vector<NodeSetting>& settings, std::string_view key);

}  // namespace labreel
