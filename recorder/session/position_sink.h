// PositionSink: passes a lab's events on, and tells when given positions have been reached.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// Shape: used on the lab's thread. `on_reached` is called right after the event of that number was passed on; it must
//        append nothing itself.
class PositionSink final : public EventSink {
 public:
  // `positions` are in rising order.
  PositionSink(EventSink& to, std::vector<Seq> positions, std::function<void(Seq)> on_reached)
      : to_(to), positions_(std::move(positions)), on_reached_(std::move(on_reached)) {}

  Seq append(LabTime at, Seq cause, const EventBody& body) override { return tell(to_.append(at, cause, body)); }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    return tell(to_.append_frame(at, port, bytes, copies));
  }
  Seq next_seq() const override { return to_.next_seq(); }
  void note(std::string_view kind, std::string_view detail) override { to_.note(kind, detail); }

 private:
  Seq tell(Seq appended) {
    while (next_ < positions_.size() && positions_[next_].value <= appended.value) on_reached_(positions_[next_++]);
    return appended;
  }

  EventSink& to_;
  std::vector<Seq> positions_;
  std::size_t next_ = 0;
  std::function<void(Seq)> on_reached_;
};

}  // namespace labreel
