// Random labs, commands and traffic: a script that depends on its seed alone, and a way to run it on a fabric.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/fabric.h"

namespace labreel {

// One input: an effect, a frame, or (a std::monostate) taking what came due and refusing some of it.
struct Step {
  struct FrameIn {
    PortId port;
    std::string bytes;
  };
  std::uint64_t at_ns = 0;
  std::variant<EventBody, FrameIn, std::monostate> input;
};

struct ScriptLimits {
  bool reorder = true;  // may settings reorder?
  bool impair = true;   // may settings be anything but plain?
  bool disturb = true;  // may nodes stop, cables be cut, ports go?
};

// Returns a script of about `length` steps; every effect in it fits.
std::vector<Step> random_script(std::uint64_t seed, std::size_t length, const ScriptLimits& limits = {});

// Runs steps on a fabric and writes all that it decides, as text.
struct Runner {
  Fabric fabric;
  std::uint64_t seq = 0;
  std::string log = {};
  // Sees every delivery, if set.
  std::function<void(const Delivery&)> on_delivery = {};

  void run(const Step& step);
  void check_conservation() const;
};

}  // namespace labreel
