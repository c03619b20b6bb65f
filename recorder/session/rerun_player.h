// RerunPlayer: gives what was typed in an earlier run when the lab comes to where it was typed.
#pragma once

#include "recorder/session/lab_observer.h"
#include "recorder/session/lab_session.h"
#include "recorder/session/rerun_plan.h"

namespace labreel {

// Shape: made before the session runs. What was typed before all nodes ran goes by the lab's begin.
class RerunPlayer final : public LabObserver {
 public:
  RerunPlayer(LabSession& session, const RerunPlan& plan) : session_(session), plan_(plan) { reach(Anchor{}, LabTime{}); }

  void after(Seq seq, LabTime at, Seq cause, const EventBody& body) override {
    if (const auto anchor = watch_.see(seq, cause, body)) reach(*anchor, at);
  }

 private:
  void reach(const Anchor& anchor, LabTime at) {
    for (const auto& [wanted, typed] : plan_.commands) {
      if (wanted != anchor) continue;
      TypedCommand now = typed;
      now.time = at + typed.time.ns;
      session_.play(now);
    }
    if (plan_.stop_anchor == anchor) session_.end_at(at + plan_.stop_after_ns, plan_.why);
  }

  LabSession& session_;
  const RerunPlan& plan_;
  AnchorWatch watch_;
};

}  // namespace labreel
