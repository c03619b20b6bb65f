// What makes an exported lab file run where it is written: the files of its nodes, and its scenario.
#pragma once

#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "engine/lab/lab_file.h"
#include "recorder/pack/demo_files.h"
#include "store/packed_files.h"

namespace labreel {

// Lets the lab's files be found from `folder`, where the lab file will lie: packed ones will lie beside it, others are
// named by where they are on this host.
//
// Shape: `sentences` gets what cannot be found. Returns the packed files that belong beside the lab file.
std::vector<PackedEntry> place_node_files(LabFile& lab, const PackedLab& recorded, const std::vector<PackedEntry>& packed,
                                          const std::string& folder, std::vector<std::string>& sentences);

// The scenario of a lab file as it is written there; empty if there is none, or if it is not on lines of its own.
std::string scenario_text(const std::string& lab_file);

// The last event before anything but the lab file changed the lab that runs at `at`. Errors: damage.
Result<Seq> beginning_of_run(const EventLog& log, Seq at);

}  // namespace labreel
