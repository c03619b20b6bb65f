// The kill harness's part of the test run; crash_rounds runs more.
#include <catch2/catch.hpp>

#include "kill_round.h"

namespace labreel {

// Two hundred rounds, in two tests that can run side by side.
TEST_CASE("a recorder killed with two or more full pages uncommitted loses nothing that was appended", "[kill]") {
  const KillTally tally = run_kill_rounds(100, 1);
  WARN(words_of(tally));
  CHECK(tally.complaint.empty());
  CHECK(tally.rounds == 100);
  CHECK(tally.pages_min >= kUncommittedPagesMin);
}

TEST_CASE("a hundred more kills of recorders lose nothing that was appended", "[kill]") {
  const KillTally tally = run_kill_rounds(100, 10'001);
  WARN(words_of(tally));
  CHECK(tally.complaint.empty());
  CHECK(tally.rounds == 100);
  CHECK(tally.pages_min >= kUncommittedPagesMin);
}

}  // namespace labreel
