// LabAgain: a recorded lab in virtual time, made ready to run again on this host.
#pragma once

#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "engine/lab/lab_file.h"
#include "engine/nodes/uml/uml_driver.h"
#include "recorder/session/lab_session.h"
#include "recorder/session/position_watch.h"
#include "recorder/session/recorded_lab.h"

namespace labreel {

struct LabAgain {
  LabBegun begun;
  LabFile file;
  UmlOptions guests;
  InputsNote inputs;  // what it depends on beside its file: the same here as recorded
  TypedCommands typed;

  // The positions at which typed.partings happened, in order.
  std::vector<Seq> partings() const;
  // Gives the session everything that was typed, each at its lab time. Called before it runs.
  void play_typed(LabSession& session) const;
  // Gives the session what was done at a parting. Called on the lab's thread.
  void part(LabSession& session, Seq position) const;
};

// Reads the lab out of its reel, with what was typed up to and with `to`; its node files are found beside `lab_file` (LabHome).
//
// Errors: a lab in real time; damage; node files that are not there; inputs that differ from the recorded ones (kernel,
//         guest program, calendar policy …). Throws VerbError if the kernel cannot be had.
Result<LabAgain> lab_again(const EventLog& log, const std::string& lab_file, Seq to = kLastSeq);

}  // namespace labreel
