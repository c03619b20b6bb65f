// Faults as steps: a cable that fails one way, flaps, or gets worse over time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recorder/session/scenario_stage.h"

namespace labreel {

// The directions of cables that lose everything because a step said so, and what they lost before.
//
// Shape: a failure is a `link.set` with loss=100%, so the reel and a rerun know it as an ordinary command.
class OneWayFailures {
 public:
  explicit OneWayFailures(const Topology& topology) : topology_(topology) {}

  // Returns the setting that makes one direction of the port's cable fail: "loss.out=100%".
  // Errors: there is no such cable, or it fails that way already.
  Result<std::string> fail(const std::string& port, Direction direction);
  // Returns the settings that mend it, in one direction or both; none if nothing had failed. A loss that was changed
  // since is left alone.
  std::vector<std::string> mend(const std::string& port, std::optional<Direction> direction);

 private:
  // Whose `out` or `in` it is; on a link a port's `in` is its peer's `out`.
  using Side = std::pair<PortId, Direction>;
  std::optional<Side> side_of(const std::string& port, Direction direction) const;
  const CableSettings& settings_of(const Side& side) const;

  const Topology& topology_;
  std::map<Side, std::uint32_t> loss_before_ppb_;
};

// The settings of a change as arguments of link.set, link.add and lan.join: "delay.out=5ms".
std::vector<std::string> arguments_of(const CableChange& change);

// Cuts and mends at begin, begin + down, begin + down + up …, however long the commands take.
void play_flap(ScenarioStage& stage, const FlapStep& flap, const StepRun& run);
// Sets `from` at once and then one value a step; the last is `to`.
void play_ramp(ScenarioStage& stage, const RampStep& ramp, const StepRun& run);

}  // namespace labreel
