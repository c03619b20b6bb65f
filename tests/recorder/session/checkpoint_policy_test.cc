// When a checkpoint is due.
#include "recorder/session/checkpoint_policy.h"

#include <catch2/catch.hpp>

namespace labreel {

TEST_CASE("a checkpoint is due after so many frames, counted from the last one", "[session]") {
  CheckpointPolicy policy;
  CHECK_FALSE(policy.is_due(kCheckpointFrames - 1));
  CHECK(policy.is_due(kCheckpointFrames));
  policy.made(kCheckpointFrames + 7, 1'000);  // a batch went beyond it
  CHECK_FALSE(policy.is_due(2 * kCheckpointFrames + 6));
  CHECK(policy.is_due(2 * kCheckpointFrames + 7));
}

TEST_CASE("a checkpoint tells nothing new before the next frame", "[session]") {
  CheckpointPolicy policy;
  CHECK_FALSE(policy.has_news(0));
  CHECK(policy.has_news(1));
  policy.made(1, 1'000);
  CHECK_FALSE(policy.has_news(1));
  CHECK(policy.has_news(2));
}

TEST_CASE("the next checkpoint is the farther away, the larger the last one was", "[session]") {
  CheckpointPolicy policy;
  policy.made(0, 8'000'000);
  CHECK_FALSE(policy.is_due(1'999'999));
  CHECK(policy.is_due(2'000'000));
}

}  // namespace labreel
