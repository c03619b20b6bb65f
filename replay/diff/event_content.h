// EventContents: what events say, apart from their numbers, so that two recordings can be compared.
#pragma once

#include <set>
#include <string>

#include "engine/core/event.h"
#include "replay/diff/aspects.h"
#include "replay/names.h"

namespace labreel {

// Shape: equal `what` means that the same happened, equal `when` that it did at the same time. Opaque bytes.
struct EventContent {
  std::string what;
  std::string when;
};

// Shape: give it every event in order: it follows the names. Ids become names, so that a node may have another number.
class EventContents {
 public:
  // `is_branch`: what is compared with it is the lab that it branched from, or another branch: that it is one is passed over.
  explicit EventContents(Aspects ignored, bool is_branch = false) : ignored_(ignored), is_branch_(is_branch) {}
  // Writes an event's content; false if the event is passed over.
  bool read(const Event& event, EventContent& content);

 private:
  bool is_ignored(const Event& event);
  bool is_poll(const Event& event);
  void read_frame(const Event& event, const Frame& frame, EventContent& content) const;
  void read_other(const Event& event, EventContent& content) const;

  Aspects ignored_;
  bool is_branch_;
  Names names_;
  std::set<Seq> polls_;  // what a wait or a watch began, and has not ended yet
};

}  // namespace labreel
