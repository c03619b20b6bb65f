// The whole lab at a position: the fabric, re-executed from the recorded inputs up to and with one event.
#pragma once

#include <string>

#include "engine/core/fabric.h"
#include "engine/core/result.h"
#include "replay/event_source.h"

namespace labreel {

// A lab at one event.
struct LabAt {
  Seq at;
  LabTime time;
  Fabric fabric;
};

// Folds the events up to and with `at`.
//
// Errors: what the log says of damage; a reel of another fabric version, or one whose inputs the fabric refuses (both
//         are Error{input}, and `labreel verify` says more).
Result<LabAt> lab_at(const EventLog& log, Seq at);

// DESIGN.md section 7, `show`.
std::string lab_to_json(const LabAt& lab);
// For people: nodes with their ports, links, lans, what flies.
std::string lab_to_text(const LabAt& lab);
// For Graphviz: positions of the lab file are kept; a cut cable is dashed.
std::string lab_to_dot(const LabAt& lab, const std::string& name);
// For Mermaid's flowchart, as Markdown pages render it.
std::string lab_to_mermaid(const LabAt& lab);

}  // namespace labreel
