#include "recorder/verbs/runnable_lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace labreel {
namespace {

namespace fs = std::filesystem;

// Where a file is looked for from a folder, without links and dots.
fs::path found_from(const fs::path& folder, const std::string& name) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(folder) / name, ignored);
}

}  // namespace

std::vector<PackedEntry> place_node_files(LabFile& lab, const PackedLab& recorded, const std::vector<PackedEntry>& packed,
                                          const std::string& folder, std::vector<std::string>& sentences) {
  std::vector<PackedEntry> beside;
  const auto place = [&](std::string& name, const std::string& whose) {
    const std::string normal = fs::path{name}.lexically_normal().string();
    const auto entry = std::ranges::find(packed, normal, &PackedEntry::name);
    const fs::path wanted = found_from(folder, name);
    const fs::path there = found_from(recorded.folder, name);
    if (entry != packed.end()) {
      if (std::ranges::find(beside, normal, &PackedEntry::name) == beside.end()) beside.push_back(*entry);
    } else if (std::error_code ignored; !fs::exists(there, ignored)) {
      sentences.push_back(fmt::format("{} {} is not in the reel, and no longer at {}: put it at {}", whose, name,
                                      there.string(), wanted.string()));
    } else if (there != wanted) {
      name = there.string();
    }
  };
  for (NodeDef& node : lab.nodes) {
    for (FileDef& file : node.files) place(file.host_path, fmt::format("node {}'s file", node.name));
  }
  if (!lab.image.empty()) place(lab.image, "the image");
  return beside;
}

std::string scenario_text(const std::string& lab_file) {
  constexpr std::string_view kKey = "scenario:";
  std::string text;
  bool is_inside = false;
  for (std::size_t begin = 0; begin < lab_file.size();) {
    const std::size_t end = std::min(lab_file.find('\n', begin), lab_file.size());
    const std::string_view line = std::string_view{lab_file}.substr(begin, end - begin);
    begin = end + 1;
    // A list may stand as far left as its key.
    const bool goes_on = line.empty() || std::string_view{" \t\r#-"}.find(line[0]) != std::string_view::npos;
    if (!is_inside && line.starts_with(kKey)) {
      is_inside = true;
    } else if (is_inside && (!goes_on || line.starts_with("---"))) {
      break;
    }
    if (is_inside) text.append(line).append("\n");
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

Result<Seq> beginning_of_run(const EventLog& log, Seq at) {
  Seq beginning = at;
  bool is_found = false;
  const auto source = log.events(kFirstSeq, at);
  Event event;
  for (;;) {
    const Result<bool> more = source->next(event);
    if (!more) return more.error();
    if (!*more) return is_found ? beginning : at;
    if (event.kind() == EventKind::lab_begun) is_found = false;
    const auto* const command = std::get_if<Command>(&event.body);
    const bool is_change = event.kind() == EventKind::scenario || (command != nullptr && command->by != OriginKind::run);
    if (is_found || !is_change) continue;
    is_found = true;
    beginning = Seq{event.seq.value - 1};
  }
}

}  // namespace labreel
