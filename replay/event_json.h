// EventJson: events as JSON, one object a line.
#pragma once

#include <optional>
#include <string>

#include "engine/core/event.h"
#include "engine/core/topology.h"
#include "engine/text/json_writer.h"
#include "replay/decode/decode.h"
#include "replay/frame_fields.h"

namespace labreel {

// Names in the lines are those at the event's position: the class folds the effects that it is given, in order.
//
// Shape:  an effect that does not fit the lab (after a gap, or in a hostile reel) is shown and otherwise ignored; an
//         id that nothing known gave a name is "?".
// Source: ARCHITECTURE.md, "JSON".
class EventJson {
 public:
  // `with_fields`: frames have `layers`, for which every frame must be given, observed or printed.
  explicit EventJson(bool with_payload = false, bool with_fields = false) : with_payload_(with_payload) {
    if (with_fields) fields_.emplace();
  }

  // Takes an event into account without printing it: what comes before the first one printed.
  void observe(const Event& event);
  // Returns an event's object, without a newline, and takes it into account.
  std::string line(const Event& event);

 private:
  Topology topology_;
  bool with_payload_;
  std::optional<FrameFields> fields_;
};

// Writes one event's object with names from `topology`, the lab just before the event, and a frame's layers if there are any.
void write_event(JsonWriter& json, const Event& event, const Topology& topology, bool with_payload,
                 const DecodedFrame* layers = nullptr);

// Writes a direction's settings as members: delay_ns, jitter_ns, rate_bps, queue_bytes, loss_ppb, duplicate_ppb,
// corrupt_ppb, reorder_ppb; only those whose CableField bit is set.
void write_settings(JsonWriter& json, const CableSettings& settings, CableFields fields = ~CableFields{});

// Writes the member `branch`: parent, position, digest.
void write_branch(JsonWriter& json, const BranchPoint& branch);

}  // namespace labreel
