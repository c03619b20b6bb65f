#include "engine/core/calendar.h"

namespace labreel {
namespace {

// For the algorithms of heaps, which keep the largest first.
constexpr auto kLater = [](const auto& a, const auto& b) { return b < a; };

}  // namespace

void Calendar::add_head(const Head& head) {
  heads_.push_back(head);
  std::push_heap(heads_.begin(), heads_.end(), kLater);
}

void Calendar::add_other(const Flight& flight) {
  others_.push_back(flight);
  std::push_heap(others_.begin(), others_.end(), kLater);
}

bool Calendar::is_next_among_others() const {
  if (others_.empty() || heads_.empty()) return heads_.empty();
  const Flight& other = others_.front();
  return Head{other.due, other.frame, other.copy} < heads_.front();
}

Flight Calendar::take_first() {
  --size_;
  if (is_next_among_others()) {
    std::pop_heap(others_.begin(), others_.end(), kLater);
    const Flight flight = others_.back();
    others_.pop_back();
    return flight;
  }
  std::pop_heap(heads_.begin(), heads_.end(), kLater);
  const std::uint32_t number = heads_.back().lane;
  heads_.pop_back();
  Lane& lane = lanes_[number];
  const Flight flight = lane.flights[lane.first++];
  if (lane.empty()) return flight;
  if (lane.first > lane.flights.size() / 2) {
    lane.flights.erase(lane.flights.begin(), lane.flights.begin() + static_cast<std::ptrdiff_t>(lane.first));
    lane.first = 0;
  }
  const Flight& next = lane.flights[lane.first];
  add_head({next.due, next.frame, next.copy, number});
  return flight;
}

std::vector<Flight> Calendar::in_order() const {
  std::vector<Flight> flights = others_;
  flights.reserve(size_);
  for (const Lane& lane : lanes_) {
    flights.insert(flights.end(), lane.flights.begin() + static_cast<std::ptrdiff_t>(lane.first), lane.flights.end());
  }
  std::sort(flights.begin(), flights.end());
  return flights;
}

void Calendar::clear() {
  for (const Head& head : heads_) lanes_[head.lane] = {};
  heads_.clear();
  others_.clear();
  size_ = 0;
}

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
