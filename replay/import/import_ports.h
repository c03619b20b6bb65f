// ImportPorts: a capture's interfaces as ports of nodes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/topology.h"
#include "replay/import/captured_file.h"

namespace labreel {

// Shape: "r1:eth1" is port eth1 of node r1; another name is a port of the node `capture`; without a name it is `if0`,
//        `if1` …. Interfaces of one name are one port, also across sections. Only Ethernet interfaces become ports.
class ImportPorts {
 public:
  // Appends the nodes and ports to the reel, at its beginning.
  ImportPorts(const std::vector<CapturedInterface>& interfaces, EventSink& sink);

  // None for an interface that is no port.
  std::optional<PortId> port_of(std::uint32_t interface) const { return ports_[interface]; }
  PortId named(std::string_view name) const;  // kNoPort if there is none
  // The sender that the capture did not see; appended when it is first asked for.
  PortId elsewhere(LabTime now);

 private:
  PortId add(LabTime now, const std::string& node, const std::string& port, const MacAddress& mac);

  EventSink& sink_;
  Topology topology_;
  std::vector<std::optional<PortId>> ports_;
};

}  // namespace labreel
