// LabEngine: what a lab runs on: its fabric, the loop of its clock, and the drivers of its nodes.
#pragma once

#include <memory>
#include <string>

#include "engine/clock/lab_loop.h"
#include "engine/core/fabric.h"
#include "engine/lab/lab_file.h"
#include "engine/nodes/node_driver.h"
#include "engine/nodes/uml/uml_driver.h"

namespace labreel {

class Spawner;

class LabEngine {
 public:
  LabEngine() = default;
  LabEngine(const LabEngine&) = delete;
  LabEngine& operator=(const LabEngine&) = delete;
  virtual ~LabEngine() = default;
  virtual Fabric& fabric() = 0;
  virtual LabLoop& loop() = 0;
  virtual NodeDriver& driver() = 0;
  // From now on lab time waits for the wall clock; in real time it always does. Called on the lab's thread.
  virtual void keep_real_pace() {}
};

// Namespace nodes by the wall clock. The spawner outlives the engine.
std::unique_ptr<LabEngine> make_real_time_engine(const LabFile& file, Spawner& spawner, EventSink& sink);

// The same for a lab that goes on: its fabric as it was at a lab time.
std::unique_ptr<LabEngine> make_real_time_engine(Fabric fabric, LabTime begin, Spawner& spawner, EventSink& sink);

// How a lab in virtual time is carried; its events do not depend on it.
struct VirtualPace {
  bool real = false;    // lab time waits for the wall clock; without it nothing waits
  bool serial = false;  // guests take turns instead of running side by side
};

// uml nodes in virtual time: the same events on every run, as fast as the host can.
std::unique_ptr<LabEngine> make_virtual_engine(const LabFile& file, const UmlOptions& options, VirtualPace pace,
                                               EventSink& sink);

}  // namespace labreel
