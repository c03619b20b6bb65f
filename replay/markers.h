// Markers: the named positions of a recording, in order.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"

namespace labreel {

struct NamedPosition {
  Seq seq;
  LabTime time;
  std::string name;  // as the recording has it: any bytes, and several markers may have the same
  std::string note;
  std::string ask;
};

// One list serves everyone who reads a recording: it costs one reading, and grows as a live recording does.
class Markers {
 public:
  // Reads the whole recording. Errors: damage.
  static Result<Markers> of(const EventLog& log);

  // Takes an event that is later than those before; one that is no marker changes nothing.
  void take(const Event& event);

  const std::vector<NamedPosition>& all() const { return all_; }
  // All markers of a name, in order.
  std::vector<Seq> named(std::string_view name) const;
  // The nearest marker after an event, or before it; null if there is none. Valid until the next take().
  const NamedPosition* after(Seq seq) const;
  const NamedPosition* before(Seq seq) const;

 private:
  std::vector<NamedPosition> all_;
};

}  // namespace labreel
