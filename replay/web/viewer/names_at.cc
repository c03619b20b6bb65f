#include "replay/web/viewer/names_at.h"

namespace labreel {

const Names& NamesAt::at(Seq seq) {
  const std::vector<Seq>& effects = survey_.effects();
  if (followed_ > 0 && effects[followed_ - 1] > seq) {
    names_ = Names{};
    followed_ = 0;
  }
  for (; followed_ < effects.size() && effects[followed_] <= seq; ++followed_) {
    if (const auto effect = log_.event_at(effects[followed_])) names_.follow(*effect);
  }
  return names_;
}

}  // namespace labreel
