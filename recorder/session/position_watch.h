// PositionWatch: tells when a lab has reached given positions.
#pragma once

#include <functional>
#include <vector>

#include "recorder/session/lab_observer.h"

namespace labreel {

// Shape: `on_reached` is called right after the event of that number.
class PositionWatch final : public LabObserver {
 public:
  // `positions` are in rising order.
  PositionWatch(std::vector<Seq> positions, std::function<void(Seq)> on_reached)
      : positions_(std::move(positions)), on_reached_(std::move(on_reached)) {}

  void after(Seq seq, LabTime, Seq, const EventBody&) override {
    while (next_ < positions_.size() && positions_[next_] <= seq) on_reached_(positions_[next_++]);
  }

 private:
  std::vector<Seq> positions_;
  std::size_t next_ = 0;
  std::function<void(Seq)> on_reached_;
};

}  // namespace labreel
