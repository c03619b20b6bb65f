// ContentMatcher: which events of two recordings have no event that says the same in the other.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <vector>

#include "engine/core/ids.h"

namespace labreel {

inline constexpr std::size_t kUnmatched_max = 65'536;  // events that wait for their like, on each side
inline constexpr std::size_t kListedOnlyIn = 100;      // of the events without one, how many are named unless all are

enum class Side : std::uint8_t { a, b };

// The events that only one side has, as far as was looked.
struct OnlyIn {
  std::uint64_t count = 0;
  std::vector<Seq> first;  // the first of them, as many as were to be listed
};

// Shape: the first of equal events goes with the first of the other side, the second with the second, and so on. On each
//        side at most `unmatched_max` events wait; when one more comes, the oldest is taken to be only there. So memory is
//        bounded (about 10 MB), and events that are moved further than that count as missing on both sides.
class ContentMatcher {
 public:
  explicit ContentMatcher(std::size_t unmatched_max = kUnmatched_max, std::size_t listed_max = kListedOnlyIn)
      : unmatched_max_(unmatched_max), listed_max_(listed_max) {}

  // Takes a side's next event.
  void take(Side side, Seq seq, std::string_view what);
  // Call when both sides have ended: what still waits has no like.
  void finish();
  const OnlyIn& only_in(Side side) const { return half(side).only_in; }

 private:
  struct Hash {
    std::uint64_t low, high;
    auto operator<=>(const Hash&) const = default;
  };
  struct Half {
    std::map<Seq, Hash> waiting;
    std::map<Hash, std::deque<Seq>> by_hash;
    OnlyIn only_in;
  };
  Half& half(Side side) { return halves_[static_cast<std::size_t>(side)]; }
  const Half& half(Side side) const { return halves_[static_cast<std::size_t>(side)]; }
  static bool take_waiting(Half& half, const Hash& hash);
  void give_up_oldest(Half& half) const;

  std::size_t unmatched_max_;
  std::size_t listed_max_;
  std::array<Half, 2> halves_;
};

}  // namespace labreel
