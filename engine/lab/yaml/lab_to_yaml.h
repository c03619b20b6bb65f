// A lab at a moment as a lab file: labreel's own, or containerlab's.
#pragma once

#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/core/topology.h"
#include "engine/lab/lab_file.h"

namespace labreel {

// What is written, and when it was so.
struct LabMoment {
  const Topology& topology;
  Seq at;
  LabTime time;
};

// A lab file, and sentences about what it cannot say: a cut cable, a node that is stopped.
struct LabYaml {
  std::string text;
  std::vector<std::string> left_out;
};

// Writes what load_lab_file() reads back to the same nodes, ports, links and lans, with their addresses, settings and
// numbers in the same order. `recorded` is the recording's own lab file: what a node's files, commands and IP addresses
// are is said there alone. There is no scenario in it.
Result<LabYaml> lab_to_yaml(const LabMoment& lab, const LabFile& recorded);

// The same as containerlab's topology file: lans are bridges, impairments are commands in comments.
//
// Errors: a lab in virtual time; a name that containerlab cannot have twice (a lan's that is also a node's).
// Source: containerlab.dev, "Topology definition".
Result<LabYaml> lab_to_containerlab(const LabMoment& lab, const LabFile& recorded);

}  // namespace labreel
