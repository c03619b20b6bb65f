// The calendar beside a sorted list: whatever order flights are added in, they come out in that of coming due.
#include "engine/core/calendar.h"

#include <catch2/catch.hpp>

#include "engine/core/random.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPorts = 5;

Flight flight_of(std::uint64_t number, std::uint64_t now, std::uint64_t spread) {
  Flight flight;
  flight.due = LabTime{now + below(mix(number), spread)};
  flight.frame = Seq{1 + number / 3};
  flight.copy = static_cast<std::uint32_t>(number % 3);
  flight.handed_over = LabTime{number};
  flight.to = PortId{static_cast<std::uint32_t>(below(mix(number + 7'777), kPorts))};
  flight.slot = static_cast<FramePool::SlotId>(number);
  flight.corrupt_byte = static_cast<std::uint16_t>(number % 1'000);
  flight.flags = static_cast<std::uint8_t>(number % 256);
  return flight;
}

bool same(const Flight& a, const Flight& b) {
  return a.due == b.due && a.frame == b.frame && a.copy == b.copy && a.handed_over == b.handed_over && a.to == b.to &&
         a.slot == b.slot && a.corrupt_byte == b.corrupt_byte && a.flags == b.flags;
}

}  // namespace

TEST_CASE("flights come out in order of due, frame and copy, in whatever order they were added", "[core]") {
  // No jitter at all, some, and more than all that flies.
  for (const std::uint64_t spread : {1U, 40U, 100'000U}) {
    Calendar calendar;
    std::vector<Flight> flying;
    std::uint64_t now = 0;
    for (std::uint64_t number = 0; number < 6'000; ++number) {
      const Flight added = flight_of(number, ++now, spread);
      calendar.add(added);
      flying.insert(std::upper_bound(flying.begin(), flying.end(), added), added);
      if (number < 2'000 || number % 4 == 0) continue;
      REQUIRE(calendar.next_due() == flying.front().due);
      REQUIRE(same(calendar.take_first(), flying.front()));
      flying.erase(flying.begin());
      REQUIRE(calendar.size() == flying.size());
    }
    const std::vector<Flight> left = calendar.in_order();
    REQUIRE(std::equal(left.begin(), left.end(), flying.begin(), flying.end(), same));
    while (!calendar.empty()) {
      REQUIRE(same(calendar.take_first(), flying.front()));
      flying.erase(flying.begin());
    }
    REQUIRE(flying.empty());
    REQUIRE(calendar.next_due() == kNever);
  }
}

TEST_CASE("flights that end leave the others in order, and are given by frame and copy", "[core]") {
  Calendar calendar;
  for (std::uint64_t number = 0; number < 500; ++number) calendar.add(flight_of(number, 0, 50));
  CHECK(calendar.end([](const Flight&) { return false; }).empty());
  const auto ends = [](const Flight& flight) { return flight.to == PortId{2} || flight.copy == 1; };
  const std::vector<Flight> ended = calendar.end(ends);
  CHECK(std::all_of(ended.begin(), ended.end(), ends));
  CHECK(std::is_sorted(ended.begin(), ended.end(), [](const Flight& a, const Flight& b) {
    return std::tie(a.frame, a.copy) < std::tie(b.frame, b.copy);
  }));
  CHECK(ended.size() + calendar.size() == 500);
  calendar.add(flight_of(1'000, 0, 50));
  Flight last = calendar.take_first();
  while (!calendar.empty()) {
    const Flight next = calendar.take_first();
    REQUIRE(last < next);
    last = next;
  }
}

}  // namespace labreel
