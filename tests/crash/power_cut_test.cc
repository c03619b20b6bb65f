// The power cuts' part of the test run; crash_rounds runs more.
#include <catch2/catch.hpp>

#include "power_cut.h"

namespace labreel {

TEST_CASE("after a power cut the reader gets an exact prefix, at least up to the last COMMIT that returned", "[power]") {
  const CutTally tally = run_power_cuts(2000, 1);
  WARN(words_of(tally));
  CHECK(tally.complaint == "");
  CHECK(tally.cuts == 2000);
  // Else the cuts would miss what they are for.
  CHECK(tally.rolled_back > 200);
  CHECK(tally.from_ring > 60);
}

}  // namespace labreel
