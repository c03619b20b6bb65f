// ComparingSink: where a lab's events go when it is run again to prove a reel: each is compared, none is kept.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/topology.h"
#include "replay/verify.h"

namespace labreel {

// Says whether two events tell the same: seq, time, cause and body, a frame's bytes and copies included.
bool same_event(const Event& left, const Event& right);

// Shape: used on the lab's thread. After the first difference nothing is compared.
class ComparingSink final : public EventSink {
 public:
  // `recorded` gives the reel's events from the first on; `on_over` is called once, when there is nothing more to
  // compare: at the first difference, or at the end of a reel that was cut off, which is no difference.
  ComparingSink(EventSource& recorded, std::function<void()> on_over, bool is_cut_off = false)
      : recorded_(recorded), on_over_(std::move(on_over)), is_cut_off_(is_cut_off) {}

  Seq append(LabTime at, Seq cause, const EventBody& body) override;
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override;
  Seq next_seq() const override { return next_; }
  void note(std::string_view, std::string_view) override {}  // facts of the host are not compared

  // Called when the lab has ended: what the reel has beyond that is a difference too.
  void finish();
  // What was read of the reel was damaged.
  const std::optional<Error>& damage() const { return damage_; }
  bool identical() const { return result_.identical(); }
  VerifyResult take_result();

 private:
  void compare(const Event& now);
  void differ(std::optional<Event> now, std::optional<Event> recorded, const std::string& why);

  EventSource& recorded_;
  std::function<void()> on_over_;
  bool is_cut_off_;
  bool is_over_ = false;
  Seq next_{1};
  Topology topology_;
  VerifyResult result_;
  std::optional<Error> damage_;
};

}  // namespace labreel
