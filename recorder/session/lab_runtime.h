// LabRuntime: what every part of a running lab works with; and Done, how each says that it is finished.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "engine/clock/lab_loop.h"
#include "engine/core/fabric.h"
#include "engine/core/usage_error.h"
#include "engine/lab/lab_file.h"
#include "engine/nodes/node_driver.h"

namespace labreel {

// Called once, on the lab's thread, when something that takes time has ended well or badly.
using Done = std::function<void(Status)>;

// Tells the person at the terminal what happens; words only, never data.
using Narrate = std::function<void(const std::string&)>;

// Shape: references to what the session owns; copied freely, valid as long as the session.
struct LabRuntime {
  const LabFile& file;
  Fabric& fabric;
  LabLoop& loop;
  NodeDriver& driver;
  EventSink& sink;
  Narrate narrate;
  LabTime began = {};  // of this run: later than 0 if it goes on with a reel

  const Topology& topology() const { return fabric.topology(); }
};

// Returns lab time for people, to a tenth of a second: "31.2 s".
inline std::string seconds_text(std::uint64_t duration_ns) {
  return std::to_string(duration_ns / 1'000'000'000U) + "." + std::to_string(duration_ns / 100'000'000U % 10U) + " s";
}

// Turns the result of an effect into the result of the command that wanted it.
inline Status status_of(Result<Seq> applied) { return applied ? ok_status() : Status{std::move(applied).error()}; }

// Errors that the lab's own commands give: exit code 5 unless it is the person's slip.
inline Error lab_error(std::string what, std::string hint = {}) {
  return Error{ErrorKind::lab, std::move(what), {}, std::move(hint)};
}

}  // namespace labreel
