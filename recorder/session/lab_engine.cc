#include "recorder/session/lab_engine.h"

#include <algorithm>
#include <thread>

#include "recorder/session/kinds.h"

namespace labreel {
namespace {

class RealTimeEngine final : public LabEngine {
 public:
  RealTimeEngine(Fabric fabric, LabTime begin, Spawner& spawner, EventSink& sink)
      : fabric_(std::move(fabric)), loop_(fabric_, sink, begin), drivers_(loop_) {
    made_ = make_drivers(ClockKind::real, {.real_time = &loop_, .spawner = &spawner}, drivers_);
  }
  Fabric& fabric() override { return fabric_; }
  LabLoop& loop() override { return loop_; }
  NodeDriver& driver() override { return drivers_; }

 private:
  Fabric fabric_;
  RealTimeLoop loop_;
  DriverSet drivers_;
  std::vector<std::unique_ptr<NodeDriver>> made_;
};

// Guests of one window run side by side, one thread a CPU; what they decide does not depend on how many there are.
VirtualLoopOptions virtual_options(VirtualPace pace) {
  VirtualLoopOptions options;
  options.threads = pace.serial ? 0 : std::max(1U, std::thread::hardware_concurrency());
  options.real_pace = pace.real;
  return options;
}

class VirtualEngine final : public LabEngine {
 public:
  VirtualEngine(const LabFile& file, const UmlOptions& options, VirtualPace pace, EventSink& sink)
      : fabric_(file.seed), loop_(fabric_, sink, virtual_options(pace)), drivers_(loop_) {
    made_ = make_drivers(ClockKind::virtual_time, {.virtual_time = &loop_, .guests = &options}, drivers_);
  }
  Fabric& fabric() override { return fabric_; }
  LabLoop& loop() override { return loop_; }
  NodeDriver& driver() override { return drivers_; }
  void keep_real_pace() override { loop_.keep_real_pace(); }

 private:
  Fabric fabric_;
  VirtualLoop loop_;
  DriverSet drivers_;
  std::vector<std::unique_ptr<NodeDriver>> made_;
};

}  // namespace

std::unique_ptr<LabEngine> make_real_time_engine(const LabFile& file, Spawner& spawner, EventSink& sink) {
  return make_real_time_engine(Fabric{file.seed}, LabTime{}, spawner, sink);
}

std::unique_ptr<LabEngine> make_real_time_engine(Fabric fabric, LabTime begin, Spawner& spawner, EventSink& sink) {
  return std::make_unique<RealTimeEngine>(std::move(fabric), begin, spawner, sink);
}

std::unique_ptr<LabEngine> make_virtual_engine(const LabFile& file, const UmlOptions& options, VirtualPace pace,
                                               EventSink& sink) {
  return std::make_unique<VirtualEngine>(file, options, pace, sink);
}

}  // namespace labreel
