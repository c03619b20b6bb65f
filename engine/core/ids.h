// Ids, sequence numbers and lab time: the small values that every part of labreel shares.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace labreel {

// Ids are given in order of creation within one lab and are never used again.
enum class NodeId : std::uint32_t {};
enum class PortId : std::uint32_t {};
enum class LinkId : std::uint32_t {};
enum class LanId : std::uint32_t {};

// The port of a copy that was dropped before a receiver was chosen.
inline constexpr PortId kNoPort{std::numeric_limits<std::uint32_t>::max()};

// Returns the number inside an id.
template <class Id>
constexpr std::uint32_t index_of(Id id) {
  return static_cast<std::uint32_t>(id);
}

// The number of an event in its lab's one sequence.
//
// Shape: the first event of a reel is 1; 0 stands for "none" (an event that nothing known led to).
struct Seq {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Seq&) const = default;
  constexpr Seq next() const { return Seq{value + 1}; }
  constexpr bool is_none() const { return value == 0; }
};

// A moment of lab time.
//
// Units: nanoseconds since the lab began, never wall time.
struct LabTime {
  std::uint64_t ns = 0;
  constexpr auto operator<=>(const LabTime&) const = default;
  constexpr LabTime operator+(std::uint64_t duration_ns) const { return LabTime{ns + duration_ns}; }
};

inline constexpr LabTime kNever{std::numeric_limits<std::uint64_t>::max()};

}  // namespace labreel
