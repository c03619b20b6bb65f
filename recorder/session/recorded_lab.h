// RecordedLab: what a reel tells of its lab, for whoever runs that lab again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "recorder/lab_control.h"

namespace labreel {

// Returns the first event of a recording; nothing if that is no `lab.begun`.
std::optional<LabBegun> beginning_of(const EventLog& log);

// Says whether a recording is of a lab in virtual time, so that the lab level is there.
bool is_virtual(const EventLog& log);

// Returns where the lab file lay when the lab was recorded: its node files are found from there.
std::string lab_file_path(const EventLog& log);

// What did not come from the lab file's own script, and when: a command, or keys on a console.
struct TypedCommand {
  Seq seq;
  Seq cause;  // of what was done to a console or an exec: the command that began it
  LabTime time;
  CommandRequest request;
  std::string keys = {};  // typed on the console that `cause` opened; then there is no request
};

// A point at which a branch left its parent.
struct Parting {
  Seq position;
  CommandRequest request;
};

// What people did to a lab while it ran.
struct TypedCommands {
  std::vector<TypedCommand> commands;
  std::vector<Parting> partings;   // a branch may have been made of a branch
  std::optional<Seq> stop;         // the command that ended the lab
  std::optional<LabTime> stopped;  // and when
  EndReason why;                   // as in `lab.ended`; of nothing if the recording was cut off before
  LabTime last;                    // of the last event
};

// Shape: events up to and with `to`. Errors: damage.
Result<TypedCommands> typed_commands(const EventLog& log, Seq to = kLastSeq);

}  // namespace labreel
