#include "recorder/session/scenario_faults.h"

#include <fmt/format.h>

#include "engine/core/arithmetic.h"
#include "engine/core/cable_table.h"
#include "engine/core/units.h"

namespace labreel {
namespace {

std::string_view name_of(Direction direction) { return direction == Direction::out ? "out" : "in"; }

// Multiplies a duration, up to all time.
std::uint64_t times_ns(std::uint64_t duration_ns, std::uint64_t times) {
  return static_cast<std::uint64_t>(std::min<Wide>(static_cast<Wide>(duration_ns) * times, kNever.ns));
}

class Flapping : public std::enable_shared_from_this<Flapping> {
 public:
  Flapping(ScenarioStage& stage, const FlapStep& flap, const StepRun& run) : stage_(stage), flap_(flap), run_(run) {}

  void begin() { go_down(); }

 private:
  void go_down() {
    stage_.command("link.down", {flap_.port}, run_.begun, [self = shared_from_this()](const Status& status) {
      if (!status) return self->run_.done(status);
      self->stage_.at(add_time(self->period_began(), self->flap_.down_ns), [self] { self->go_up(); });
    });
  }

  void go_up() {
    stage_.command("link.up", {flap_.port}, run_.begun, [self = shared_from_this()](const Status& status) {
      if (!status || ++self->flaps_ == self->flap_.times) return self->run_.done(status);
      self->stage_.at(self->period_began(), [self] { self->go_down(); });
    });
  }

  LabTime period_began() const {
    return add_time(run_.began, times_ns(add_time(LabTime{flap_.down_ns}, flap_.up_ns).ns, flaps_));
  }

  ScenarioStage& stage_;
  const FlapStep& flap_;
  const StepRun run_;
  std::uint32_t flaps_ = 0;
};

class Ramping : public std::enable_shared_from_this<Ramping> {
 public:
  Ramping(ScenarioStage& stage, const RampStep& ramp, const StepRun& run) : stage_(stage), ramp_(ramp), run_(run) {}

  void set_next() {
    std::vector<std::string> arguments{ramp_.port};
    for (const RampStep::Setting& setting : ramp_.settings) arguments.push_back(argument_of(setting));
    stage_.command("link.set", std::move(arguments), run_.begun, [self = shared_from_this()](const Status& status) {
      if (!status || self->index_ == self->ramp_.steps) return self->run_.done(status);
      ++self->index_;
      const std::uint64_t after_ns = part_of(self->ramp_.over_ns, self->index_, self->ramp_.steps);
      self->stage_.at(add_time(self->run_.began, after_ns), [self] { self->set_next(); });
    });
  }

 private:
  static std::uint64_t part_of(std::uint64_t whole, std::uint32_t index, std::uint32_t steps) {
    return static_cast<std::uint64_t>(static_cast<Wide>(whole) * index / steps);
  }

  std::string argument_of(const RampStep::Setting& setting) const {
    const bool grows = setting.to >= setting.from;
    const std::uint64_t moved =
        part_of(grows ? setting.to - setting.from : setting.from - setting.to, index_, ramp_.steps);
    const std::uint64_t value = grows ? setting.from + moved : setting.from - moved;
    const std::string side = ramp_.direction ? fmt::format(".{}", name_of(*ramp_.direction)) : std::string{};
    const CableSetting& known = cable_setting_of(setting.field);
    return fmt::format("{}{}={}", known.key, side, known.print(value));
  }

  ScenarioStage& stage_;
  const RampStep& ramp_;
  const StepRun run_;
  std::uint32_t index_ = 0;
};

}  // namespace

Result<std::string> OneWayFailures::fail(const std::string& port, Direction direction) {
  const auto side = side_of(port, direction);
  if (!side) return lab_error("port " + port + " has no cable");
  const std::uint32_t loss_ppb = settings_of(*side).loss_ppb;
  if (loss_ppb == kCertain_ppb) {
    return lab_error(fmt::format("the cable of {} loses everything {} already", port, name_of(direction)));
  }
  loss_before_ppb_[*side] = loss_ppb;
  return fmt::format("loss.{}={}", name_of(direction), format_probability(kCertain_ppb));
}

std::vector<std::string> OneWayFailures::mend(const std::string& port, std::optional<Direction> direction) {
  std::vector<std::string> settings;
  for (const Direction each : {Direction::out, Direction::in}) {
    if (direction && *direction != each) continue;
    const auto side = side_of(port, each);
    if (!side) continue;
    const auto failed = loss_before_ppb_.find(*side);
    if (failed == loss_before_ppb_.end()) continue;
    if (settings_of(*side).loss_ppb == kCertain_ppb) {
      settings.push_back(fmt::format("loss.{}={}", name_of(each), format_probability(failed->second)));
    }
    loss_before_ppb_.erase(failed);
  }
  return settings;
}

std::optional<OneWayFailures::Side> OneWayFailures::side_of(const std::string& name, Direction direction) const {
  const auto port = topology_.port_named(name);
  if (!port) return std::nullopt;
  const PortInfo& info = topology_.ports()[index_of(*port)];
  if (info.lan) return Side{*port, direction};
  if (!info.link) return std::nullopt;
  if (direction == Direction::out) return Side{*port, Direction::out};
  return Side{topology_.peer_of(*port).value(), Direction::out};
}

const CableSettings& OneWayFailures::settings_of(const Side& side) const {
  const PortInfo& info = topology_.ports()[index_of(side.first)];
  return side.second == Direction::out ? info.out : info.in;
}

std::vector<std::string> arguments_of(const CableChange& change) {
  std::vector<std::string> arguments;
  const auto add_side = [&arguments](const CableSettings& settings, CableFields fields, std::string_view side) {
    for (const CableSetting& setting : kCableSettings) {
      if ((fields & setting.field()) == 0) continue;
      arguments.push_back(fmt::format("{}.{}={}", setting.key, side, setting.print(setting.value_of(settings))));
    }
  };
  add_side(change.out, change.out_fields, "out");
  add_side(change.in, change.in_fields, "in");
  return arguments;
}

void play_flap(ScenarioStage& stage, const FlapStep& flap, const StepRun& run) {
  std::make_shared<Flapping>(stage, flap, run)->begin();
}

void play_ramp(ScenarioStage& stage, const RampStep& ramp, const StepRun& run) {
  std::make_shared<Ramping>(stage, ramp, run)->set_next();
}

}  // namespace labreel
