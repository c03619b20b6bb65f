#include "replay/settings.h"

namespace labreel {

std::vector<std::string_view> names_of_flags(std::uint8_t flags) {
  std::vector<std::string_view> names;
  if ((flags & kDuplicated) != 0) names.emplace_back("duplicated");
  if ((flags & kCorrupted) != 0) names.emplace_back("corrupted");
  if ((flags & kReordered) != 0) names.emplace_back("reordered");
  return names;
}

}  // namespace labreel
