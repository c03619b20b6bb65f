// Viewer: what a page asks of a recording, and the answers, all of them JSON. It runs natively and as WebAssembly.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/web/viewer/facts.h"

namespace labreel {

// Shape:  one request at a time. The log may grow between two of them. Answers are bounded whatever the recording is: lists
//         have a longest length, strings are cut.
// Source: replay/web/README.md, "The ops".
class Viewer {
 public:
  // Borrows the log.
  Viewer(const EventLog& log, ViewerFacts facts);
  ~Viewer();

  // Answers one request, {"op":…}.
  //
  // Errors: Error{usage} for a request that is none, or asks for what is not there; what the recording says of damage.
  Result<std::string> answer(std::string_view request);

  // Says that what follows the log's last event could not be read.
  void set_damage(Error error);

 private:
  class State;
  std::unique_ptr<State> state_;
};

// {"error":…,"hint":…}, as a page gets an error.
std::string error_answer(const Error& error);

}  // namespace labreel
