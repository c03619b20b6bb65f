// How the verbs that compare a lab with its reel show what differs.
#pragma once

#include <optional>
#include <string>

#include "replay/event_json.h"
#include "replay/verify.h"

namespace labreel {

// Returns one side of a Difference as JSON without payload; "nothing" if that side has no event there.
inline std::string side_text(const std::optional<KeptEvent>& side, const Topology& topology) {
  if (!side) return "nothing";
  JsonWriter json;
  write_event(json, side->event(), topology, false);
  return json.take();
}

}  // namespace labreel
