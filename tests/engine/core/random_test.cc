#include "engine/core/random.h"

#include <catch2/catch.hpp>

namespace labreel {

TEST_CASE("random draws are the same on every machine", "[core]") {
  CHECK(mix(0) == 0xe220a8397b1dcdafU);  // the first output of SplitMix64 seeded with 0
  const RandomStream stream(42, "r1:eth1", Direction::out);
  // A reel replays by these numbers: they are of fabric version 1.
  CHECK(stream.draw(0, Draw::loss) == 0x1930044c6500cb6dU);
  CHECK(stream.draw(7, Draw::jitter, 1) == 0xc9aebbc742b3bb74U);
  CHECK(RandomStream(42, "r1:eth1", Direction::in).draw(0, Draw::loss) == 0xc268fb8a3c88e3dcU);
}

TEST_CASE("random streams differ by seed, port, direction, frame, purpose and copy", "[core]") {
  const auto first = RandomStream(42, "r1:eth1", Direction::out).draw(7, Draw::loss);
  CHECK(first != RandomStream(43, "r1:eth1", Direction::out).draw(7, Draw::loss));
  CHECK(first != RandomStream(42, "r1:eth2", Direction::out).draw(7, Draw::loss));
  CHECK(first != RandomStream(42, "r1:eth1", Direction::in).draw(7, Draw::loss));
  CHECK(first != RandomStream(42, "r1:eth1", Direction::out).draw(8, Draw::loss));
  CHECK(first != RandomStream(42, "r1:eth1", Direction::out).draw(7, Draw::jitter));
  CHECK(first != RandomStream(42, "r1:eth1", Direction::out).draw(7, Draw::loss, 1));
}

TEST_CASE("a bounded draw stays below its bound and reaches its ends", "[core]") {
  CHECK(below(0, 10) == 0);
  CHECK(below(~0ULL, 10) == 9);
  CHECK(below(~0ULL, 0) == 0);
  CHECK(below(1ULL << 63U, ~0ULL) == (~0ULL >> 1U));
}

TEST_CASE("what is certain always happens and what is impossible never does", "[core]") {
  const RandomStream stream(1, "a:b", Direction::out);
  for (std::uint64_t frame = 0; frame < 10'000; ++frame) {
    REQUIRE(stream.happens(kCertain_ppb, frame, Draw::loss));
    REQUIRE_FALSE(stream.happens(0, frame, Draw::loss));
  }
}

TEST_CASE("a loss of one in a hundred loses about one in a hundred, independently of the frame before", "[core]") {
  const RandomStream stream(99, "r1:eth1", Direction::out);
  constexpr std::uint64_t kFrames = 1'000'000;
  std::uint64_t lost = 0;
  std::uint64_t lost_twice = 0;
  bool lost_before = false;
  for (std::uint64_t frame = 0; frame < kFrames; ++frame) {
    const bool is_lost = stream.happens(10'000'000, frame, Draw::loss);
    lost += is_lost ? 1 : 0;
    lost_twice += is_lost && lost_before ? 1 : 0;
    lost_before = is_lost;
  }
  // The seed is fixed, so this cannot flake; the bounds are six standard deviations (100 and 10).
  CHECK(lost > 9'400);
  CHECK(lost < 10'600);
  CHECK(lost_twice > 40);
  CHECK(lost_twice < 160);
}

}  // namespace labreel
