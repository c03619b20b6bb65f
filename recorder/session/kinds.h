// What a kind of node is run with here: its driver, and how the doctor tries it. What the kind is: engine/core/node_kinds.h.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/clock/real_time_loop.h"
#include "engine/clock/virtual/virtual_loop.h"
#include "engine/nodes/driver_set.h"
#include "engine/nodes/spawner.h"
#include "engine/nodes/uml/uml_driver.h"
#include "recorder/doctor/doctor.h"

namespace labreel {

// What a lab's engine has for the drivers of its nodes: the loop of its clock, and what came with it.
struct EngineParts {
  RealTimeLoop* real_time = nullptr;
  VirtualLoop* virtual_time = nullptr;
  Spawner* spawner = nullptr;          // in real time
  const UmlOptions* guests = nullptr;  // in virtual time
};

struct KindParts {
  NodeKindName kind;
  std::unique_ptr<NodeDriver> (*make_driver)(const EngineParts& parts);
  Finding (*check)();  // starts such a node, or says why none can run on this host
};

// One row for each of kNodeKinds, in the order in which the doctor tries them.
std::span<const KindParts> kind_parts();

// Makes the drivers of all kinds that can be in a lab of that clock, and enters them in the set, which they outlive.
std::vector<std::unique_ptr<NodeDriver>> make_drivers(ClockKind clock, const EngineParts& parts, DriverSet& drivers);

// The doctor's checks of the kinds.
std::vector<HostCheck> kind_checks();

}  // namespace labreel
