// ConditionProbe: looks whether a command in a node prints what it should.
#pragma once

#include <regex.h>

#include <functional>
#include <memory>
#include <string>

#include "recorder/session/scenario_stage.h"

namespace labreel {

// What one look saw.
struct Sighting {
  bool holds = false;
  bool ran = false;         // false: the node was not there or not running
  std::uint32_t seen = 0;   // how often `until` was in the output
  std::int32_t status = 0;  // the command's
  Seq exec;                 // its event
};

// Shape: made with make_shared; a look keeps it alive until its command has ended. One look at a time.
class ConditionProbe : public std::enable_shared_from_this<ConditionProbe> {
 public:
  // `condition` must outlive the probe; its pattern was compiled when the lab file was read.
  ConditionProbe(ScenarioStage& stage, const Condition& condition);
  ~ConditionProbe();
  ConditionProbe(const ConditionProbe&) = delete;
  ConditionProbe& operator=(const ConditionProbe&) = delete;

  // Runs the command once; the first MiB that it prints on stdout is searched.
  void look(Seq cause, std::function<void(const Sighting&)> then);

  // "`Full` seen 1 of 2 times, last status 0"
  std::string describe(const Sighting& sighting) const;

 private:
  Sighting judge(Seq exec, std::int32_t status) const;
  std::uint32_t count_matches() const;

  ScenarioStage& stage_;
  const Condition& condition_;
  regex_t regex_{};
  std::string output_;
};

}  // namespace labreel
