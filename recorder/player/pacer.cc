#include "recorder/player/pacer.h"

#include <time.h>

#include <algorithm>
#include <bit>

namespace labreel {
namespace {

constexpr std::uint64_t kSecond_ns = 1'000'000'000;
// A signal that comes just before a sleep is seen after it, so none is longer.
constexpr std::uint64_t kSleep_ns_max = 100'000'000;

std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond_ns + static_cast<std::uint64_t>(now.tv_nsec);
}

void sleep_until(std::uint64_t moment_ns) {
  const timespec until{static_cast<time_t>(moment_ns / kSecond_ns), static_cast<long>(moment_ns % kSecond_ns)};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);  // a signal may end it early: who calls looks
}

}  // namespace

// The three bits below the highest one, and its place.
std::size_t Lateness::class_of(std::uint64_t late_ns) {
  if (late_ns < 8) return static_cast<std::size_t>(late_ns);
  const auto width = static_cast<unsigned>(std::bit_width(late_ns));
  return (width - 3) * 8U + static_cast<std::size_t>(late_ns >> (width - 4) & 7U);
}

std::uint64_t Lateness::border_of(std::size_t index) {
  if (index < 8) return index;
  const auto shift = static_cast<unsigned>(index / 8 - 1);
  return ((8 + index % 8 + 1) << shift) - 1;
}

void Lateness::add(std::uint64_t late_ns) {
  ++counts_[class_of(late_ns)];
  ++count_;
  max_ns_ = std::max(max_ns_, late_ns);
}

std::uint64_t Lateness::at_percent(unsigned percent) const {
  const std::uint64_t wanted = count_ / 100 * percent + count_ % 100 * percent / 100;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen > wanted) return std::min(border_of(i), max_ns_);
  }
  return max_ns_;
}

void Pacer::start(LabTime first) {
  first_ = first;
  last_ = first;
  start_ns_ = now_ns();
}

std::uint64_t Pacer::moment_of(LabTime at) const {
  if (!waits()) return start_ns_;
  const double elapsed_ns = static_cast<double>(at.ns - std::min(at.ns, first_.ns)) / speed_;
  constexpr double kFarthest_ns = 4e18;  // more than a century: a clock's limit is not far behind
  return start_ns_ + static_cast<std::uint64_t>(std::min(elapsed_ns, kFarthest_ns));
}

bool Pacer::is_ahead(LabTime at) const { return waits() && moment_of(at) > now_ns(); }

bool Pacer::wait_for(LabTime at, const volatile bool& stop) {
  last_ = std::max(last_, at);
  if (stop) return false;
  if (!waits()) return true;
  const std::uint64_t moment = moment_of(at);
  std::uint64_t now = now_ns();
  while (now < moment) {
    sleep_until(std::min(moment, now + kSleep_ns_max));
    if (stop) return false;
    now = now_ns();
  }
  lateness_.add(now - moment);
  return true;
}

std::uint64_t Pacer::played_ns() const { return now_ns() - start_ns_; }

}  // namespace labreel
