// The whole lab at a position: the fabric, re-executed from the recorded inputs up to and with one event.
#pragma once

#include <string>

#include "engine/core/event_log.h"
#include "engine/core/fabric.h"
#include "engine/core/result.h"
#include "replay/projection/node_ends.h"
#include "replay/projection/recorded_ports.h"

namespace labreel {

// A lab at one event.
struct LabAt {
  Seq at;
  LabTime time;
  Fabric fabric;
};

// Returns the lab at `at`, from the nearest checkpoint. For more than one position use a LabCursor.
//
// Errors: as LabCursor::seek.
Result<LabAt> lab_at(const EventLog& log, Seq at);

// ARCHITECTURE.md, "JSON": `show`. `recorded` is what the recording's own lab file says of its ports. `ends` tells crashed nodes from stopped ones, and
// when and why; without it they all read as stopped. The other three take them alike.
std::string lab_to_json(const LabAt& lab, const RecordedPorts& recorded = {}, const NodeEnds& ends = {});
// For people: nodes with their ports, links, lans, what flies. No name of a reel can put a control character into it.
std::string lab_to_text(const LabAt& lab, const RecordedPorts& recorded = {}, const NodeEnds& ends = {});
// For Graphviz: positions of the lab file are kept; a cut cable and a node that does not run are dashed, a crashed one red.
std::string lab_to_dot(const LabAt& lab, const std::string& name, const NodeEnds& ends = {});
// For Mermaid's flowchart, as Markdown pages render it.
std::string lab_to_mermaid(const LabAt& lab, const NodeEnds& ends = {});

}  // namespace labreel
