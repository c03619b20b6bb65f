// RecordedPorts: what a recording's own lab file says of its ports, as a value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace labreel {

// Addresses and the interface's MTU as they were when the port's node started: no event tells them.
struct RecordedPort {
  std::uint32_t interface_mtu = 0;
  std::vector<std::string> addresses;  // "10.0.0.1/24"
};

// By the port's name, "r1:eth1". Empty for a recording without a lab file.
//
// Shape: a projection reads no YAML: who may parse the lab file makes it (the recorder's pack/lab_file_ports.h), others have it told.
using RecordedPorts = std::map<std::string, RecordedPort>;

}  // namespace labreel
