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

// The copies that fly, in order of coming due.
//
// Shape: copies to one port come due nearly always in the order in which they were added. So each port has a lane, first in
//        first out, and only its first copy takes part in a heap, of as many entries as ports that something flies to. A copy
//        that would not be its lane's last (jitter of another sender, a reordered one) waits in a heap of such copies.
class Calendar {
 public:
  void add(const Flight& flight) {
    ++size_;
    const std::uint32_t number = index_of(flight.to);
    if (number >= lanes_.size()) lanes_.resize(number + 1);
    Lane& lane = lanes_[number];
    if (lane.empty()) {
      lane.flights.clear();
      lane.first = 0;
      add_head({flight.due, flight.frame, flight.copy, number});
      lane.append(flight);
    } else if (lane.flights.back() < flight) {
      lane.append(flight);
    } else {
      add_other(flight);
    }
  }
  // Takes the next to come due; there is one.
  Flight take_first();
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  LabTime next_due() const {
    const LabTime due = heads_.empty() ? kNever : heads_.front().due;
    return others_.empty() ? due : std::min(due, others_.front().due);
  }

  // Takes out every flight that `ends` says so of, and gives them in order of (frame, copy).
  template <class Ends>
  std::vector<Flight> end(Ends&& ends) {
    std::vector<Flight> ended, stay;
    for (const Flight& flight : in_order()) (ends(flight) ? ended : stay).push_back(flight);
    if (ended.empty()) return ended;
    clear();
    for (const Flight& flight : stay) add(flight);
    std::sort(ended.begin(), ended.end(),
              [](const Flight& a, const Flight& b) { return std::tie(a.frame, a.copy) < std::tie(b.frame, b.copy); });
    return ended;
  }
  std::vector<Flight> in_order() const;

 private:
  // Shape: [first, end) fly; what lies before was taken.
  struct Lane {
    std::vector<Flight> flights;
    std::size_t first = 0;
    bool empty() const { return first == flights.size(); }
    // By its members: copied as a whole, it is read in wider pieces than it was just written in, and such a read waits for
    // every store before it, those of the frame's bytes too.
    void append(const Flight& f) {
      Flight& added = flights.emplace_back();
      added.due = f.due;
      added.frame = f.frame;
      added.handed_over = f.handed_over;
      added.copy = f.copy;
      added.to = f.to;
      added.slot = f.slot;
      added.corrupt_byte = f.corrupt_byte;
      added.flags = f.flags;
      added.refused = f.refused;
    }
  };
  // A lane's first copy, with what decides its turn.
  struct Head {
    LabTime due;
    Seq frame;
    std::uint32_t copy = 0;
    std::uint32_t lane = 0;
    bool operator<(const Head& other) const {
      if (due != other.due) return due < other.due;
      return std::tie(frame, copy) < std::tie(other.frame, other.copy);
    }
  };
  void add_head(const Head& head);
  void add_other(const Flight& flight);
  bool is_next_among_others() const;
  void clear();

  std::vector<Lane> lanes_;  // by receiving port
  std::vector<Head> heads_;  // a heap: the first is the next
  std::vector<Flight> others_;  // the same
  std::size_t size_ = 0;
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
