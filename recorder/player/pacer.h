// Pacer: waits until lab time comes round again, and measures how late it was.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/core/ids.h"

namespace labreel {

// How late something was, many times over: counted in classes an eighth of a power of two wide, so that memory does not
// grow with the recording.
class Lateness {
 public:
  void add(std::uint64_t late_ns);
  // The upper border of the class that holds this share of all.
  std::uint64_t at_percent(unsigned percent) const;
  std::uint64_t max_ns() const { return max_ns_; }
  std::uint64_t count() const { return count_; }

 private:
  static constexpr std::size_t kClasses = 64 * 8;
  static std::size_t class_of(std::uint64_t late_ns);
  static std::uint64_t border_of(std::size_t index);
  std::array<std::uint64_t, kClasses> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ns_ = 0;
};

class Pacer {
 public:
  // `speed` is how many seconds of lab time pass in one; 0 waits for nothing.
  explicit Pacer(double speed) : speed_(speed) {}

  // Starts the clock: `first` is now.
  void start(LabTime first);
  // Says whether an event's moment is still to come (then output should be flushed before the wait).
  bool is_ahead(LabTime at) const;
  // Waits for its moment, and counts how late it is; false if `stop` became true.
  //
  // Every moment is counted from the start, so that no error adds up.
  bool wait_for(LabTime at, const volatile bool& stop);

  const Lateness& lateness() const { return lateness_; }
  std::uint64_t played_ns() const;
  std::uint64_t lab_ns() const { return last_.ns - first_.ns; }
  bool waits() const { return speed_ > 0; }

 private:
  std::uint64_t moment_of(LabTime at) const;

  double speed_;
  std::uint64_t start_ns_ = 0;
  LabTime first_;
  LabTime last_;
  Lateness lateness_;
};

}  // namespace labreel
