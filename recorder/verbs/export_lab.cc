#include "recorder/verbs/export_lab.h"

#include <fmt/format.h>

#include <string_view>

#include "recorder/pack/demo_files.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/verb.h"
#include "replay/position.h"
#include "replay/projection/lab_at.h"
#include "replay/projection/lab_to_yaml.h"
#include "replay/text.h"

namespace labreel {

std::optional<LabFormat> lab_format_of(const std::string& output) {
  const std::string_view name{output};
  if (name.ends_with(".clab.yml") || name.ends_with(".clab.yaml")) return LabFormat::containerlab;
  if (name.ends_with(".yml") || name.ends_with(".yaml")) return LabFormat::lab_file;
  if (name.ends_with(".dot")) return LabFormat::dot;
  if (name.ends_with(".mmd")) return LabFormat::mermaid;
  return std::nullopt;
}

std::string lab_export(const EventLog& log, const std::string& path, LabFormat format, const std::string& at) {
  const Seq position = value_or_throw(resolve_position(log, at.empty() ? "end" : at));
  const LabAt lab = value_or_throw(lab_at(log, position), path);
  if (format == LabFormat::dot) return lab_to_dot(lab, path);
  if (format == LabFormat::mermaid) return lab_to_mermaid(lab);
  const PackedLab recorded = value_or_throw(packed_lab_of(log, position), path);
  const LabFile file = value_or_throw(parse_lab_file(recorded.text, recorded.name));
  LabYaml yaml =
      format == LabFormat::lab_file ? lab_to_yaml(lab, file) : value_or_throw(lab_to_containerlab(lab, file), path);
  for (const std::string& sentence : yaml.left_out)
    say(fmt::format("labreel: {}: left out: {}", path, printable(sentence)));
  bool needs_files = false;
  for (const NodeDef& node : file.nodes) needs_files = needs_files || !node.files.empty();
  if (needs_files) say(fmt::format("its node files are named as seen from {}", recorded.folder));
  return std::move(yaml.text);
}

}  // namespace labreel
