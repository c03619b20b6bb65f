#include "recorder/pack/packed_paths.h"

#include <fmt/format.h>

#include <filesystem>

#include "engine/text/text.h"
#include "store/packed_files.h"

namespace labreel {
namespace {

Status check_path(const LabFile& lab, const std::string& what, const std::string& path, int line) {
  if (check_packed_name(std::filesystem::path{path}.lexically_normal().string())) return ok_status();
  return Error{ErrorKind::input,
               fmt::format("{} {} lies outside the packed lab: it would be a file of this host", what, printable(path)),
               fmt::format("{}:{}", std::filesystem::path{lab.path}.filename().string(), line),
               "labreel pack makes no such reel: do not trust whoever made it"};
}

}  // namespace

Status check_packed_paths(const LabFile& lab) {
  for (const NodeDef& node : lab.nodes) {
    for (const FileDef& file : node.files) {
      if (Status inside = check_path(lab, "node " + node.name + "'s file", file.host_path, file.line); !inside) return inside;
    }
  }
  return lab.image.empty() ? ok_status() : check_path(lab, "the image", lab.image, lab.image_line);
}

}  // namespace labreel
