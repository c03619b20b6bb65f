// ComparingSink: where a lab's events go when it is run again to prove a reel: each is compared, none is kept.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/core/event.h"
#include "engine/core/topology.h"
#include "replay/event_source.h"
#include "replay/verify.h"

namespace labreel {

// Says whether two events tell the same: seq, time, cause and body, a frame's bytes and copies included.
bool same_event(const Event& left, const Event& right);

// Shape: used on the lab's thread. After the first difference nothing is compared any more.
class ComparingSink final : public EventSink {
 public:
  // `recorded` gives the reel's events from the first on; `on_difference` is called once, at the first one.
  ComparingSink(EventSource& recorded, std::function<void()> on_difference)
      : recorded_(recorded), on_difference_(std::move(on_difference)) {}

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
  std::function<void()> on_difference_;
  Seq next_{1};
  Topology topology_;
  VerifyResult result_;
  std::optional<Error> damage_;
};

}  // namespace labreel
