// Checkpoints of a real lab: by frames, sound, and read back by whoever jumps.
#include <catch2/catch.hpp>

#include "recorder/session/checkpoint_policy.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {

TEST_CASE("a lab with much traffic has a checkpoint after so many frames, not only after so much time", "[cli]") {
  const TestFolder folder;
  folder.write("busy.yml", two_hosts("busy"));
  REQUIRE(labreel({"run", "--detach", "busy.yml"}, folder.path()).status == 0);
  // Each ping is two frames.
  const std::string pings = std::to_string(kCheckpointFrames + 1'000);
  const auto flood = labreel({"exec", "h1", "--", "ping", "-q", "-f", "-c", pings, "10.0.0.2"});
  INFO(flood.out << flood.err);
  REQUIRE(flood.status == 0);
  REQUIRE(labreel({"stop"}).status == 0);

  const std::string reel = folder / "busy.reel";
  const std::vector<Json> checkpoints = events_of(reel, {"--kind", "checkpoint"});
  const std::uint64_t frames = info_of(reel).at("frames");
  INFO(frames << " frames");
  CHECK(checkpoints.size() >= frames / kCheckpointFrames);
  const auto by_frames = [](const Json& event) { return event.at("time") < kCheckpointInterval_ns; };
  CHECK(std::any_of(checkpoints.begin(), checkpoints.end(), by_frames));
  const auto verified = labreel({"verify", reel});  // compares each on its way
  INFO(verified.out << verified.err);
  CHECK(verified.status == 0);
  CHECK(labreel({"show", reel, "--at", std::to_string(checkpoints.back().at("seq").get<std::uint64_t>() + 1)}).status == 0);
}

}  // namespace labreel::test
