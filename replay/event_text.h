// One event as one line for people: `labreel events`.
#pragma once

#include <string>

#include "engine/core/event.h"
#include "replay/names.h"

namespace labreel {

struct EventTextOptions {
  bool colours = false;
};

// Shape: seq, seconds of lab time, the frame's port or the event's kind, what happened. No newline at the end, and no
//        control character but the colours that were asked for.
std::string event_text(const Event& event, const Names& names, const EventTextOptions& options = {});
// The same without seq and time.
std::string event_words(const Event& event, const Names& names, const EventTextOptions& options = {});

}  // namespace labreel
