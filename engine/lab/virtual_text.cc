#include "engine/lab/virtual_text.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "engine/lab/lab_file.h"
#include "engine/lab/refusal.h"
#include "engine/lab/yaml_tree.h"

namespace labreel {
namespace {

constexpr const char* kHint = "write clock: virtual, and defaults: {kind: uml} under topology, into a copy of the lab file";

Error refusal(std::string what, const std::string& path, int line) {
  return Error{ErrorKind::usage, std::move(what), line > 0 ? path + ":" + std::to_string(line) : path, kHint};
}

const YamlEntry* entry_named(const YamlValue& map, std::string_view key) {
  const auto found = std::find_if(map.entries.begin(), map.entries.end(), [&](const auto& entry) { return entry.key == key; });
  return found == map.entries.end() ? nullptr : &*found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  return lines;
}

// Puts a key before another one of its map: on a line of its own with the same indent, or in front of it within braces. False
// if the other is not found on its line.
bool put_before(std::vector<std::string>& lines, const YamlEntry& entry, const std::string& key) {
  if (entry.line < 1 || static_cast<std::size_t>(entry.line) > lines.size()) return false;
  std::string& line = lines[static_cast<std::size_t>(entry.line) - 1];
  std::size_t at = line.find(entry.key);
  if (at == std::string::npos) return false;
  if (at > 0 && (line[at - 1] == '"' || line[at - 1] == '\'')) --at;
  const std::string before = line.substr(0, at);
  if (before.find_first_not_of(' ') == std::string::npos) {
    lines.insert(lines.begin() + entry.line - 1, before + key + "\n");
  } else {
    line.insert(at, key + ", ");
  }
  return true;
}

// `clock: real`, where it stands.
bool turn_clock(std::vector<std::string>& lines, const YamlEntry& clock) {
  if (clock.value->line < 1 || static_cast<std::size_t>(clock.value->line) > lines.size()) return false;
  std::string& line = lines[static_cast<std::size_t>(clock.value->line) - 1];
  const std::size_t key = line.find("clock");
  const std::size_t at = line.find("real", key == std::string::npos ? 0 : key);
  if (at == std::string::npos) return false;
  line.replace(at, 4, "virtual");
  return true;
}

// Whoever names a kind meant it.
Status check_kinds(const YamlValue& topology, const std::string& path) {
  const auto check = [&](const YamlValue& of, const std::string& who) -> Status {
    const YamlEntry* const kind = entry_named(of, "kind");
    if (kind == nullptr || NodeKind(kind->value->text) == NodeKindName::uml) return ok_status();
    return refusal(who + " is of kind " + kind->value->text + ", but --virtual is for labs whose nodes name no kind", path,
                   kind->line);
  };
  if (const YamlEntry* const defaults = entry_named(topology, "defaults")) {
    if (Status status = check(*defaults->value, "each node"); !status) return status;
  }
  for (const YamlEntry& node : entry_named(topology, "nodes")->value->entries) {
    if (Status status = check(*node.value, "node " + node.key); !status) return status;
  }
  return ok_status();
}

bool put_kind(std::vector<std::string>& lines, const YamlValue& topology) {
  const YamlEntry* const defaults = entry_named(topology, "defaults");
  if (defaults == nullptr) return put_before(lines, topology.entries.front(), "defaults: {kind: uml}");
  if (entry_named(*defaults->value, "kind") != nullptr) return true;
  return !defaults->value->entries.empty() && put_before(lines, defaults->value->entries.front(), "kind: uml");
}

// What was put in is what was meant, and nothing else has changed its meaning.
bool is_as_meant(const LabFile& before, const LabFile& after) {
  const auto names_and_kinds = [](const NodeDef& then, const NodeDef& now) {
    return then.name == now.name && now.kind == NodeKindName::uml && then.exec == now.exec && then.ports.size() == now.ports.size();
  };
  return after.clock == ClockKind::virtual_time && after.name == before.name && after.step_count == before.step_count &&
         after.links.size() == before.links.size() && after.lans.size() == before.lans.size() &&
         std::equal(before.nodes.begin(), before.nodes.end(), after.nodes.begin(), after.nodes.end(), names_and_kinds);
}

}  // namespace

Result<std::string> virtual_lab_text(const std::string& text, const std::string& path) {
  const auto before = parse_lab_file(text, path);
  if (!before) return before.error();
  if (before->clock == ClockKind::virtual_time) return text;
  const YamlPointer root = parse_yaml(text);
  const YamlValue& topology = *entry_named(*root, "topology")->value;
  if (Status kinds = check_kinds(topology, path); !kinds) return kinds.error();
  std::vector<std::string> lines = lines_of(text);
  const YamlEntry* const clock = entry_named(*root, "clock");
  // What is further down first, so that the lines above keep their numbers.
  const bool clock_is_below = clock != nullptr && clock->line > topology.entries.front().line;
  const auto set_clock = [&] {
    return clock != nullptr ? turn_clock(lines, *clock) : put_before(lines, root->entries.front(), "clock: virtual");
  };
  const bool changed = clock_is_below ? set_clock() && put_kind(lines, topology) : put_kind(lines, topology) && set_clock();
  std::string result;
  for (const std::string& line : lines) result += line;
  const auto after = parse_lab_file(result, path);
  if (changed && !after) return after.error();
  if (!changed || !is_as_meant(*before, *after)) return refusal("--virtual does not see where to put clock and kind", path, 0);
  return result;
}

}  // namespace labreel
