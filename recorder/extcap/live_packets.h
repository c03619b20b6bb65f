// LivePackets: the packets of a running lab, in order of time, a moment late.
#pragma once

#include <memory>
#include <vector>

#include "recorder/control/control_client.h"
#include "recorder/verbs/live_tail.h"
#include "replay/packet_merge.h"

namespace labreel {

// Shape: events are written one call after they were read: by then it is known whether a node refused what was due.
//        Ports that come after the capture began are not in it: a capture's interfaces stand at its start.
//        Borrows the options and the writer. The survey knows the lab up to and with `surveyed`.
class LivePackets {
 public:
  LivePackets(ExportSurvey survey, Seq surveyed, const ExportOptions& options, PacketWriter& writer)
      : survey_(std::move(survey)), surveyed_(surveyed), merge_(survey_, options, writer) {}
  LivePackets(const LivePackets&) = delete;
  LivePackets& operator=(const LivePackets&) = delete;

  Status begin() { return merge_.begin(); }
  // Takes what has come since the last call; false if the recorder is gone.
  Result<bool> take_new(ControlClient& asked, LiveTail& tail);
  // Says whether something that is known waits to be written: until the next call, or until it is due.
  bool waits_for_time() const { return !read_before_.empty() || merge_.has_pending(); }
  // Takes the events that the recorder left in its reel, and ends.
  Status take_rest(EventSource& events);

 private:
  // An event with what its Frame body borrows.
  struct Held {
    explicit Held(const Event& given);
    Event event;
    std::vector<std::byte> bytes;
    std::vector<Copy> copies;
  };
  using HeldEvents = std::vector<std::unique_ptr<Held>>;
  void hold(const Event& event);
  Status write(const HeldEvents& events);

  ExportSurvey survey_;
  Seq surveyed_;
  PacketMerge merge_;
  HeldEvents read_before_;
  HeldEvents read_now_;
  LabTime read_until_;  // what happened until then is written, or in read_before_
};

}  // namespace labreel
