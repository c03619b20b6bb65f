#include "recorder/verbs/export_lab.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/lab/yaml/lab_to_yaml.h"
#include "engine/text/text.h"
#include "recorder/pack/demo_files.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/runnable_lab.h"
#include "recorder/verbs/verb.h"
#include "replay/position.h"
#include "replay/projection/lab_at.h"

namespace labreel {

std::optional<LabFormat> lab_format_of(const std::string& output) {
  const std::string_view name{output};
  if (name.ends_with(".clab.yml") || name.ends_with(".clab.yaml")) return LabFormat::containerlab;
  if (name.ends_with(".yml") || name.ends_with(".yaml")) return LabFormat::lab_file;
  if (name.ends_with(".dot")) return LabFormat::dot;
  if (name.ends_with(".mmd")) return LabFormat::mermaid;
  return std::nullopt;
}

namespace {

LabMoment moment_of(const LabAt& lab) { return {lab.fabric.topology(), lab.at, lab.time}; }

// The scenario, if the exported lab is the one that it was written for; else why it is left out, as a comment.
std::string ending_of(const LabYaml& yaml, const LabFile& file, const EventLog& log, const LabAt& lab) {
  if (file.scenario.empty()) return {};
  const auto without_title = [](const std::string& text) { return text.substr(text.find('\n')); };
  const auto left_out = [](const std::string& why) {
    say(fmt::format("the scenario is left out: {}", printable(why)));
    return fmt::format("# The scenario is left out: {}.\n", printable(why));
  };
  const std::string scenario = scenario_text(file.text);
  const auto again = parse_lab_file(yaml.text + scenario, file.path);
  if (scenario.empty() || !again || again->scenario.size() != file.scenario.size()) {
    return left_out("it is not on lines of its own in the recorded lab file");
  }
  const Seq beginning = value_or_throw(beginning_of_run(log, lab.at));
  const LabAt before = value_or_throw(lab_at(log, beginning));
  const auto began_as = lab_to_yaml(moment_of(before), file);
  if (began_as && without_title(began_as->text) == without_title(yaml.text)) return scenario;
  return left_out(fmt::format("at event {} the lab is not the one that it begins with; `labreel export --at {}` has both",
                              lab.at.value, beginning.value));
}

}  // namespace

LabExport lab_export(const EventLog& log, const std::string& path, LabFormat format, const LabExportChoice& choice) {
  const Seq position = value_or_throw(resolve_position(log, choice.at.empty() ? "end" : choice.at));
  const LabAt lab = value_or_throw(lab_at(log, position), path);
  if (format == LabFormat::dot) return {lab_to_dot(lab, path, node_ends(log, lab.fabric.topology(), position)), {}};
  if (format == LabFormat::mermaid) return {lab_to_mermaid(lab, node_ends(log, lab.fabric.topology(), position)), {}};
  const PackedLab recorded = value_or_throw(packed_lab_of(log, position), path);
  LabFile file = value_or_throw(parse_lab_file(recorded.text, recorded.name));
  std::vector<std::string> sentences;
  LabExport exported;
  const std::vector<PackedEntry> beside =
      place_node_files(file, recorded, choice.packed == nullptr ? std::vector<PackedEntry>{} : choice.packed->entries(),
                       choice.folder, sentences);
  LabYaml yaml =
      value_or_throw(format == LabFormat::lab_file ? lab_to_yaml(moment_of(lab), file) : lab_to_containerlab(moment_of(lab), file), path);
  for (const std::string& sentence : yaml.left_out)
    say(fmt::format("labreel: {}: left out: {}", path, printable(sentence)));
  for (const std::string& sentence : sentences) {
    say(fmt::format("labreel: {}: {}", path, printable(sentence)));
    yaml.text.insert(yaml.text.find('\n') + 1, fmt::format("# {}.\n", printable(sentence)));
  }
  exported.text = yaml.text + (format == LabFormat::lab_file ? ending_of(yaml, file, log, lab) : "");
  for (const PackedEntry& entry : beside) exported.files.push_back(entry);
  return exported;
}

}  // namespace labreel
