#include "recorder/pack/lab_file_ports.h"

#include "recorder/pack/demo_files.h"

namespace labreel {

RecordedPorts ports_of(const LabFile& file) {
  RecordedPorts ports;
  for (const NodeDef& node : file.nodes) {
    for (const PortDef& port : node.ports) ports.emplace(node.name + ":" + port.name, RecordedPort{port.node_mtu, port.addresses});
  }
  return ports;
}

RecordedPorts recorded_ports(const EventLog& log, Seq at) {
  const Result<PackedLab> packed = packed_lab_of(log, at);
  if (!packed) return {};
  const Result<LabFile> file = parse_lab_file(packed->text, packed->name);
  return file ? ports_of(*file) : RecordedPorts{};
}

}  // namespace labreel
