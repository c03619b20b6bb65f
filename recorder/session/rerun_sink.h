// RerunSink: passes a lab's events on, and gives what was typed in an earlier run when the lab comes to where it was typed.
#pragma once

#include <string_view>

#include "recorder/session/lab_session.h"
#include "recorder/session/rerun_plan.h"

namespace labreel {

// Shape: used on the lab's thread. Call follow() with the session before it runs. What was typed before all nodes ran
//        goes by the lab's begin.
class RerunSink final : public EventSink {
 public:
  RerunSink(EventSink& to, const RerunPlan& plan) : to_(to), plan_(plan) {}

  void follow(LabSession& session) {
    session_ = &session;
    reach(Anchor{}, LabTime{});
  }
  Seq append(LabTime at, Seq cause, const EventBody& body) override {
    const Seq seq = to_.append(at, cause, body);
    if (const auto anchor = watch_.see(seq, cause, body)) reach(*anchor, at);
    return seq;
  }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    return to_.append_frame(at, port, bytes, copies);
  }
  Seq next_seq() const override { return to_.next_seq(); }
  void note(std::string_view kind, std::string_view detail) override { to_.note(kind, detail); }

 private:
  void reach(const Anchor& anchor, LabTime at) {
    for (const auto& [wanted, typed] : plan_.commands) {
      if (wanted != anchor) continue;
      TypedCommand now = typed;
      now.time = at + typed.time.ns;
      session_->play(now);
    }
    if (plan_.stop_anchor == anchor) session_->end_at(at + plan_.stop_after_ns, plan_.why);
  }

  EventSink& to_;
  const RerunPlan& plan_;
  AnchorWatch watch_;
  LabSession* session_ = nullptr;
};

}  // namespace labreel
