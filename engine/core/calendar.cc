#include "engine/core/calendar.h"

namespace labreel {

Flight* Deliveries::find(Seq frame, std::uint32_t copy) {
  const std::size_t count = flights_.size() - first_;
  if (found_ < first_ || found_ >= flights_.size()) found_ = first_;
  for (std::size_t i = 0; i < count; ++i, ++found_) {
    if (found_ == flights_.size()) found_ = first_;
    Flight& flight = flights_[found_];
    if (flight.frame == frame && flight.copy == copy && !flight.refused) return &flight;
  }
  return nullptr;
}

void Deliveries::forget_before(LabTime oldest) {
  while (first_ < taken_ && flights_[first_].due < oldest) ++first_;
  if (first_ == flights_.size()) {
    flights_.clear();
    first_ = taken_ = found_ = 0;
  } else if (first_ > flights_.size() / 2) {
    flights_.erase(flights_.begin(), flights_.begin() + static_cast<std::ptrdiff_t>(first_));
    taken_ -= first_;
    found_ = first_ = 0;
  }
}

void Deliveries::restore(std::vector<Flight> flights, std::size_t taken) {
  flights_ = std::move(flights);
  first_ = found_ = 0;
  taken_ = taken;
}

}  // namespace labreel
