// Scenario: what a lab file's `scenario:` and `watch:` say, as plain values.
//
// Steps are numbered from 1, depth first in the order in which they are written: a `parallel` or `repeat` has its own
// number, the steps inside have the next ones. A step that repeats keeps its number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/cable.h"

namespace labreel {

inline constexpr int kScenarioDepth_max = 8;  // levels of steps within steps
inline constexpr std::uint32_t kScenarioSteps_max = 10'000;

// A command in a node, and what its output must have.
struct Condition {
  std::string node;
  std::string run;    // a shell command line
  std::string until;  // extended regular expression; empty: exit status 0 is enough
  std::uint32_t count = 1;
};

// What changes of a cable; the two directions are seen from the step's port. Unset fields stay, or are as in a plain
// cable where the step makes one.
struct CableChange {
  CableSettings out, in;
  CableFields out_fields = 0, in_fields = 0;  // CableField bits
};

struct WaitStep {
  Condition condition;
  std::uint64_t timeout_ns = 60'000'000'000;
};
// Looks once, and fails if the condition does not hold.
struct ExpectStep {
  Condition condition;
};
struct MarkStep {
  std::string name;
  std::string note;
};
struct LinkStep {
  enum class Action { up, down, set, add, del } action = Action::down;
  std::string port;
  std::string peer;                    // for add: the other end
  std::optional<Direction> direction;  // for up and down: only what `port` sends (out) or gets (in)
  CableChange change;                  // for set and add
};
struct NodeStep {
  enum class Action { start, stop, pause, resume, crash, restart, add, del } action = Action::stop;
  std::string node;
  std::vector<std::string> words = {};  // for add: KEY=VALUE, as node_words.h reads them
};
struct LanStep {
  enum class Action { join, leave, add, del } action = Action::join;
  std::string lan;
  std::string port;    // for join and leave
  bool hub = false;    // for add
  CableChange change;  // for join
};
struct ExecStep {
  std::string node;
  std::string run;  // a shell command line; a status other than 0 fails the scenario unless `may_fail`
  bool may_fail = false;
};
struct SleepStep {
  std::uint64_t duration_ns = 0;
};
// Cuts and mends a cable; the step is over when it is mended for the last time.
struct FlapStep {
  std::string port;
  std::uint32_t times = 1;
  std::uint64_t down_ns = 1'000'000'000;
  std::uint64_t up_ns = 1'000'000'000;
};
// Moves settings of a cable from one value to another in equal steps: `from` at once, `to` after over_ns.
struct RampStep {
  struct Setting {
    CableField field = kFieldLoss;  // delay, jitter, rate or loss
    std::uint64_t from = 0, to = 0;
  };
  std::string port;
  std::optional<Direction> direction;  // without: both
  std::vector<Setting> settings;
  std::uint64_t over_ns = 0;
  std::uint32_t steps = 10;
};

struct Step;
// All at once; done when all are.
struct ParallelStep {
  std::vector<Step> steps;
};
// In order, several times. A round begins `every_ns` after the one before began, or at once if that took longer.
struct RepeatStep {
  std::uint32_t times = 1;
  std::uint64_t every_ns = 0;
  std::vector<Step> steps;
};

using StepAction = std::variant<WaitStep, ExpectStep, MarkStep, LinkStep, NodeStep, LanStep, ExecStep, SleepStep,
                                FlapStep, RampStep, ParallelStep, RepeatStep>;
struct Step {
  StepAction action;
  std::uint32_t number = 0;
  int line = 0;
  std::string text;                    // one line for people: "wait for r1: vtysh … until Full (2 times)"
  std::optional<std::uint64_t> at_ns;  // lab time before which it does not begin
};

// A condition that is looked at for the whole lab; whenever it turns true or false, a `scenario` event says so.
struct WatchDef {
  std::string name;
  Condition condition;
  std::uint64_t every_ns = 500'000'000;
  int line = 0;
};

}  // namespace labreel
