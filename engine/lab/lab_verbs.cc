#include "engine/lab/lab_verbs.h"

namespace labreel {

bool LabVerb::takes(const std::vector<std::string>& words) const {
  std::size_t at = 0;
  for (const VerbArgument& argument : arguments()) {
    const bool is_there = at < words.size();
    if (!is_there && !argument.is_optional) return false;
    if (!is_there) return true;
    if (argument.kind == ArgumentKind::settings || argument.kind == ArgumentKind::node_settings) return true;
    if (argument.kind == ArgumentKind::word && words[at] != argument.word) return false;
    ++at;
  }
  return at == words.size();
}

}  // namespace labreel
