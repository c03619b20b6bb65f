// Calendar and Deliveries: the copies that fly, and those that have come due.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/frame_pool.h"

namespace labreel {

// One scheduled copy.
struct Flight {
  LabTime due;
  Seq frame;
  LabTime handed_over;  // when it leaves the sender's cable for a lan's other cables; on a link when it arrived
  std::uint32_t copy = 0;
  PortId to{};
  FramePool::SlotId slot = 0;
  std::uint16_t corrupt_byte = 0;
  std::uint8_t flags = 0;  // of Copy
  bool refused = false;    // used only once it has come due

  friend bool operator<(const Flight& a, const Flight& b) {
    if (a.due != b.due) return a.due < b.due;
    return std::tie(a.frame, a.copy) < std::tie(b.frame, b.copy);
  }
};

// The copies that fly, as a heap: the first is the next to come due.
class Calendar {
 public:
  void add(const Flight& flight) {
    flights_.push_back(flight);
    std::push_heap(flights_.begin(), flights_.end(), later);
  }
  Flight take_first() {
    std::pop_heap(flights_.begin(), flights_.end(), later);
    const Flight first = flights_.back();
    flights_.pop_back();
    return first;
  }
  bool empty() const { return flights_.empty(); }
  std::size_t size() const { return flights_.size(); }
  LabTime next_due() const { return flights_.empty() ? kNever : flights_.front().due; }

  // Takes out every flight that `ends` says so of, and gives them in order of (frame, copy).
  template <class Ends>
  std::vector<Flight> end(Ends&& ends) {
    const auto first = std::partition(flights_.begin(), flights_.end(), [&](const Flight& f) { return !ends(f); });
    std::vector<Flight> ended(first, flights_.end());
    if (ended.empty()) return ended;  // then partition() moved nothing
    flights_.erase(first, flights_.end());
    std::make_heap(flights_.begin(), flights_.end(), later);
    std::sort(ended.begin(), ended.end(),
              [](const Flight& a, const Flight& b) { return std::tie(a.frame, a.copy) < std::tie(b.frame, b.copy); });
    return ended;
  }
  std::vector<Flight> in_order() const {
    std::vector<Flight> flights = flights_;
    std::sort(flights.begin(), flights.end());
    return flights;
  }

 private:
  static constexpr auto later = [](const Flight& a, const Flight& b) { return b < a; };
  std::vector<Flight> flights_;
};

// The copies that have come due, in order; those already taken stay for a while, since a node may still refuse them.
//
// Shape: [0, first_) are forgotten, [first_, taken_) were taken, [taken_, end) wait to be.
class Deliveries {
 public:
  void add(const Flight& flight) { flights_.push_back(flight); }
  // Takes the next that waits, if one does.
  Flight* take() { return taken_ < flights_.size() ? &flights_[taken_++] : nullptr; }
  // Finds one that is neither forgotten nor refused.
  Flight* find(Seq frame, std::uint32_t copy);
  bool was_taken(const Flight* flight) const { return flight < flights_.data() + taken_; }
  // Forgets those that were taken and came due before `oldest`.
  void forget_before(LabTime oldest);

  std::size_t taken() const { return taken_ - first_; }
  std::span<const Flight> all() const { return std::span<const Flight>(flights_).subspan(first_); }
  void restore(std::vector<Flight> flights, std::size_t taken);

 private:
  std::vector<Flight> flights_;
  std::size_t first_ = 0;
  std::size_t taken_ = 0;
  std::size_t found_ = 0;  // where find() looks first: refusals come in order, as deliveries did
};

}  // namespace labreel
